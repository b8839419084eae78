// What a try at an AI provider came to, for the window that health and wishes are read from (state/provider-table.ts).
import type { ErrorCode } from '../../errors/codes.ts';
import type { FailureClass, ProviderWindow } from '../../state/provider-table.ts';
import { conditionOf } from '../../upstream/retry-policy.ts';

/** What its status says against a provider; undefined = nothing: other refusals are the client's own. */
export function failureOfStatus(status: number): FailureClass | undefined {
  if (status >= 500) return 'server-error';
  if (status === 429) return 'rate-limit';
  if (status === 401 || status === 403) return 'credential';
  if (status === 402) return 'payment';
  return status === 408 ? 'timeout' : undefined;
}

export function recordHead(window: ProviderWindow, status: number, ms: number, wallMs: number): void {
  const failure = failureOfStatus(status);
  if (failure === undefined) window.recordAnswer(ms, wallMs);
  else window.recordFailure(failure, status, wallMs);
}

/** An end without a whole answer. What ended it may be the client, or another try that was quicker: then it says nothing. */
export function recordEnd(window: ProviderWindow, status: number, error: string, wallMs: number): void {
  const condition = conditionOf(error as ErrorCode);
  if (condition === undefined) return;
  const failure = condition === 'timeout' || error === 'upstream.connect-timeout' ? 'timeout' : 'connection';
  if (status === 0) window.recordFailure(failure, 0, wallMs);
  else if (status < 400) window.spoilAnswer(failure, status, wallMs);
}
