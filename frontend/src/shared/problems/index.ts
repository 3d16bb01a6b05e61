export { ProblemLine, ProblemText } from './ProblemText'
export { retryTimeOf } from './retryTimeOf'
export { TimedButton } from './TimedButton'
