/** A key just made: shown once, with what to paste to see it work. */
import { useLingui } from '@lingui/react/macro'
import { useState } from 'react'

import { type ApiKeyCreated, useModels } from '@/shared/api'
import { CopyButton, SecretLine, Tabs } from '@/shared/ui'

import { askSnippet, pythonSnippet, type SnippetInput, whoSnippet } from '../model/snippets'

const DEMO = 'demo/coda'

export function FreshApiKey({ apiKey }: { apiKey: ApiKeyCreated }) {
  const { t } = useLingui()
  const { data } = useModels()
  const [language, setLanguage] = useState('curl')
  const input: SnippetInput = { origin: location.origin, key: apiKey.key, model: `coda-agent/${data?.default_model ?? DEMO}` }
  const curl = { value: 'curl', label: 'curl' }
  const tabs = apiKey.scopes.includes('chat')
    ? [
        { ...curl, content: <Snippet text={askSnippet(input)} /> },
        { value: 'python', label: 'Python', content: <Snippet text={pythonSnippet(input)} /> },
      ]
    : [{ ...curl, content: <Snippet text={whoSnippet(input)} /> }]
  return (
    <div role="status" className="mt-4 flex flex-col gap-4">
      <SecretLine label={apiKey.name} text={apiKey.key} note={t`Copy it now; it is shown only once.`} />
      <Tabs label={t`Try it`} value={language} onValueChange={setLanguage} tabs={tabs} />
    </div>
  )
}

function Snippet({ text }: { text: string }) {
  return (
    <div className="mt-3 rounded-code bg-sunken">
      <div className="flex justify-end px-1.5 pt-1.5">
        <CopyButton text={() => text} />
      </div>
      {/* Scrolls sideways by keyboard too. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above */}
      <pre tabIndex={0} className="overflow-x-auto px-4 pb-4 font-mono text-code -outline-offset-2">
        {text}
      </pre>
    </div>
  )
}
