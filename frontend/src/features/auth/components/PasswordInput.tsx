/** A password that can be looked at before it is sent. */
import { useLingui } from '@lingui/react/macro'
import { Eye, EyeOff } from 'lucide-react'
import { type ComponentProps, useState } from 'react'

import { IconButton, Input } from '@/shared/ui'

export function PasswordInput(props: Omit<ComponentProps<'input'>, 'type'>) {
  const { t } = useLingui()
  const [isShown, setShown] = useState(false)
  return (
    <div className="relative">
      <Input {...props} type={isShown ? 'text' : 'password'} className="pr-10 max-md:pr-12" />
      <IconButton
        label={isShown ? t`Hide password` : t`Show password`}
        icon={isShown ? <EyeOff /> : <Eye />}
        aria-pressed={isShown}
        onClick={() => setShown(!isShown)}
        className="absolute top-[3px] right-[3px] max-md:top-0 max-md:right-0"
      />
    </div>
  )
}
