/** Our own sentence for the refusals and failures that people meet; the server's for the rest. */
import { useLingui } from '@lingui/react/macro'

export function useRunErrorText(): (code: string, message: string) => string {
  const { t } = useLingui()
  const words: Partial<Record<string, string>> = {
    'runs.length_limit': t`Cut here: the model reached its limit for the length of one answer.`,
    'runs.step_limit': t`Cut here: the answer reached its limit of steps.`,
    'runs.tool_limit': t`Cut here: the answer reached its limit of tool calls.`,
    'runs.same_call_limit': t`Cut here: the model kept making the same tool call.`,
    'runs.cost_limit': t`Cut here: this cost as much as one answer may. A new question has its own limit.`,
    'runs.timed_out': t`Cut here: this took as long as one answer may. A new question has its own time.`,
    'runs.empty_answer': t`The model ended without an answer. Ask again, or choose another model.`,
    'runs.content_filter': t`Ended by the model provider's safety filter. Ask in other words, or choose another model.`,
    'runs.attempts_exhausted': t`This answer could not be finished: the server was lost each time. Try again.`,
    'runs.internal': t`Something went wrong while answering. Try again.`,
    'runs.nothing_to_continue': t`This answer cannot be continued. Ask for the rest in a new question.`,
    'runs.busy': t`All workers are busy and the line is full. Try again in a moment.`,
    'runs.too_many_queued': t`You have as many questions in line as one may. Wait for an answer, or take one out.`,
    'runs.already_started': t`This question is being answered already.`,
    'runs.question_shared': t`This question has other answers already, so it stays as it is.`,
    'runs.ending': t`The answer is just ending. Send this as your next question.`,
    'runs.too_many_steers': t`This answer takes no more directions. Send it as your next question.`,
    'runs.steer_id_taken': t`This was already sent with other words. Send it once more.`,
    'runs.approval_needed': t`The answer waits for your decision on its tools first.`,
    'runs.nothing_to_approve': t`There is nothing left to decide here.`,
    'runs.decided_otherwise': t`This was decided otherwise on another page. That decision stands.`,
    'runs.invalid_decisions': t`The calls to decide on have changed. Look again.`,
    'runs.not_running': t`The answer is not being written any more.`,
    'runs.not_found': t`This is gone. It was taken out on another page.`,
    'organizations.read_only': t`You may only read in this organization.`,
    'runs.id_taken': t`This was already sent with other words. Send it once more.`,
    'stream.bad_frame': t`The server could not read the question. It may be too long.`,
    'stream.stopped': t`You were signed out before the question was sent. Sign in and try again.`,
    'stream.offline': t`The connection was lost. Try again.`,
    network: t`The server cannot be reached. Check the connection and try again.`,
    'conversations.session_not_found': t`This conversation does not exist any more.`,
  }
  return (code, message) => words[code] ?? (message === '' ? t`Something went wrong (${code}). Try again.` : message)
}
