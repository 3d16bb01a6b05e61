/** Renders Markdown block by block; a block that is closed is never parsed again. */
import { memo, useEffect, useId, useMemo, useRef } from 'react'

import { BlockView } from './BlockView'
import { copyAsWritten } from './copyAsWritten'
import { KeepSelection } from './KeepSelection'
import { Notes, NotesContext } from './Notes'
import { useShownBlocks } from './useShownBlocks'

const MemoBlock = memo(BlockView)

export default function MarkdownBlocks({ text, isLive }: { text: string; isLive: boolean }) {
  const { shown, notes, noteTexts } = useShownBlocks(text, isLive)
  const prefix = useId()
  const box = useRef<HTMLDivElement>(null)
  const numbering = useMemo(() => ({ prefix, labels: notes.split(' ') }), [prefix, notes])
  useEffect(copyAsWritten, [])
  return (
    <NotesContext value={numbering}>
      <KeepSelection box={box}>
        <div ref={box} className="prose" data-live={isLive || undefined}>
          {shown.map((block, index) => (
            // Blocks only ever grow at the end, so their place is their identity.
            <MemoBlock key={index} {...block} />
          ))}
          {noteTexts.length > 0 && (
            <Notes>
              {noteTexts.map(({ label, source }) => ({ label, text: <MemoBlock source={source} definitions="" notes="" isOpen={isLive} /> }))}
            </Notes>
          )}
        </div>
      </KeepSelection>
    </NotesContext>
  )
}
