// Words on a terminal: colours only where a person looks, findings and errors in one form for all commands.
import { styleText } from 'node:util';
import type { Finding } from '../model/finding.ts';
import { formatFinding } from '../model/format-finding.ts';

export type Style = 'red' | 'yellow' | 'green' | 'dim' | 'bold' | 'cyan';

/** Where a command writes. Colours follow the stream: a pipe, NO_COLOR or a dumb terminal gets none. */
export interface Output {
  line(text: string): void;
  paint(style: Style, text: string): string;
}

export function outputTo(stream: NodeJS.WriteStream): Output {
  return {
    line: (text) => void stream.write(`${text}\n`),
    paint: (style, text) => styleText(style, text, { stream, validateStream: true }),
  };
}

const SEVERITY_STYLE = { error: 'red', warning: 'yellow', note: 'dim' } as const;

export function printFindings(findings: readonly Finding[], output: Output): void {
  for (const finding of findings) {
    const { severity } = finding;
    const text = formatFinding(finding);
    output.line(text.replace(` ${severity} `, ` ${output.paint(SEVERITY_STYLE[severity], severity)} `));
  }
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** `2 errors, 1 warning, 3 notes`. */
export function countFindings(findings: readonly Finding[]): string {
  const counts = (['error', 'warning', 'note'] as const).map((severity) => ({
    severity,
    count: findings.filter((finding) => finding.severity === severity).length,
  }));
  const said = counts.filter(({ count }) => count > 0).map(({ severity, count }) => plural(count, severity));
  return said.length === 0 ? 'nothing to report' : said.join(', ');
}
