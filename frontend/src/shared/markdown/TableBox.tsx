/** A table: it scrolls where it is too wide and says so by a fade, opens over the whole width, and can be copied. */
import { useLingui } from '@lingui/react/macro'
import type { Element } from 'hast'
import { FileSpreadsheet, Maximize2 } from 'lucide-react'
import { useState, type ComponentProps, type ReactNode } from 'react'

import { CopyButton, Dialog, IconButton } from '@/shared/ui'

import { ScrollBox } from './ScrollBox'
import { asCsv } from './tableText'
import { cellsOf } from './tree/columns'

interface TableBoxProps extends ComponentProps<'table'> {
  node?: Element
  'data-markdown'?: string
}

export function TableBox({ node, children, dir, 'data-markdown': markdown = '' }: TableBoxProps) {
  const { t } = useLingui()
  const [isWide, setWide] = useState(false)
  const table = (
    <table dir={dir}>
      {children}
    </table>
  )
  return (
    <div className="table-box">
      <ScrollBox label={t`Wide table, scrolls sideways`}>{table}</ScrollBox>
      <div className="table-actions">
        <CopyButton text={() => markdown} label={t`Copy the table as Markdown`} />
        <CopyButton text={() => (node === undefined ? '' : asCsv(cellsOf(node)))} label={t`Copy the table as CSV`} icon={<FileSpreadsheet />} />
        <IconButton label={t`Show the table larger`} icon={<Maximize2 />} onClick={() => setWide(true)} />
      </div>
      <WideTable open={isWide} onOpenChange={setWide}>
        {table}
      </WideTable>
    </div>
  )
}

/** Rows that stay in sight, columns that have room. */
function WideTable({ open, onOpenChange, children }: { open: boolean; onOpenChange: (open: boolean) => void; children: ReactNode }) {
  const { t } = useLingui()
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t`Table`} className="wide-table w-fit! max-w-[calc(100vw-32px)]! min-w-[min(480px,calc(100vw-32px))]">
      <div className="prose min-h-0 overflow-auto px-5 pt-2 pb-5">{children}</div>
    </Dialog>
  )
}
