/** Copies a text and says so in place. */
import { useLingui } from '@lingui/react/macro'
import { Check, Copy } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'

import { copyText } from '@/shared/lib/clipboard'

import { IconButton } from './IconButton'
import { toasts } from './toast/toasts'

interface CopyButtonProps {
  /** Read at the press, so that it may be costly to make. */
  text: () => string
  label?: string
  icon?: ReactNode
  className?: string
}

export function CopyButton({ text, label, icon = <Copy />, className }: CopyButtonProps) {
  const { t } = useLingui()
  const [isCopied, setCopied] = useState(false)

  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), 1_600)
    return () => clearTimeout(timer)
  }, [isCopied])

  const copy = async () => {
    if (await copyText(text())) setCopied(true)
    else toasts.show({ text: t`The browser did not allow copying. Select the text and copy it yourself.`, tone: 'error' })
  }

  return (
    <IconButton
      label={isCopied ? t`Copied` : (label ?? t`Copy`)}
      icon={isCopied ? <Check /> : icon}
      className={className}
      onClick={() => void copy()}
    />
  )
}
