// What an operator reads after a reload: its findings, what changed, or why nothing did. Pure; app/gateway.ts says the lines.
import type { ReloadResult } from '../control/reload.ts';
import { formatFinding } from '../model/format-finding.ts';

export interface ReloadSituation {
  /** The gateway starts: it tells by itself what it runs, or why it does not. */
  readonly isFirst: boolean;
  /** The reload before this one was refused. */
  readonly wasRefused: boolean;
}

export function reloadLines(result: ReloadResult, { isFirst, wasRefused }: ReloadSituation): readonly string[] {
  const { outcome, findings, changes } = result;
  if (outcome === 'unchanged')
    return wasRefused ? ['configuration in order again: what is written is what is in effect'] : [];
  const said = isFirst && outcome === 'refused' ? [] : findings.filter(({ severity }) => severity !== 'note');
  const lines = said.map(formatFinding);
  if (isFirst) return lines;
  if (outcome === 'applied')
    return [...lines, `configuration reloaded: ${changes.join(', ') || 'order or settings only'}`];
  return [...lines, 'configuration not changed: what is written has errors, the running one stays in effect'];
}
