// The text of a scenario file → checked values with their places. Variables are those the file itself sets, then the machine's.
import type { Finding } from '../model/finding.ts';
import type { Origin } from '../model/origin.ts';
import { type Infer, s } from '../schema/builder.ts';
import { parseYaml, toPointer, type YamlDocument } from '../schema/yaml-document.ts';
import { SCENARIO } from './scenario-schema.ts';

export type Path = readonly (string | number)[];
export type WrittenScenario = Infer<typeof SCENARIO>;
export type Environment = Readonly<Record<string, string | undefined>>;

const ENVIRONMENT = s.record(s.scalarText('Value.'), 'Variables.');

/** Codes whose place is the key rather than the value. */
const AT_KEY = new Set(['config.unknown-key']);

export interface Remark {
  readonly code: string;
  readonly message: string;
  readonly mend?: string;
}

export class ScenarioDocument {
  readonly source: string;
  readonly text: string;
  readonly environment: Environment;
  readonly findings: Finding[] = [];
  private readonly document: YamlDocument | undefined;

  constructor(source: string, text: string, machine: Environment) {
    this.source = source;
    this.text = text;
    this.environment = { ...machine, ...ownVariables(text) };
    const { documents, problems } = parseYaml(text, { environment: this.environment, readFile: () => undefined });
    for (const { line, column, pointer, severity, code, message, mend } of problems) {
      const origin = { source, dialect: 'scenario', pointer, line, column };
      this.findings.push({ severity, code, message, ...(mend === undefined ? {} : { mend }), origin });
    }
    this.document = documents.find(({ value }) => value !== null);
    if (documents.length > 1) this.error([], { code: 'config.syntax', message: 'a scenario file holds one document' });
  }

  origin(path: Path, part: 'key' | 'value' = 'value'): Origin {
    const place = this.document?.locate(path, part) ?? { line: 1, column: 1 };
    return { source: this.source, dialect: 'scenario', pointer: toPointer(path), ...place };
  }

  error(path: Path, remark: Remark): void {
    const origin = this.origin(path, AT_KEY.has(remark.code) ? 'key' : 'value');
    this.findings.push({ severity: 'error', ...remark, origin });
  }

  /** Undefined after errors, which are then among the findings. */
  read(): WrittenScenario | undefined {
    if (this.findings.some(({ severity }) => severity === 'error')) return undefined;
    const parsed = SCENARIO.parse(this.document?.value ?? {});
    if (parsed.ok) return parsed.value;
    for (const { path, ...remark } of parsed.problems) this.error(path, remark);
    return undefined;
  }

  /** The configuration written inside, as a text whose lines are those of the file, each without its first `indent` columns. */
  inlineConfig(): { readonly text: string; readonly indent: number } {
    const lines = this.text.split('\n');
    const first = this.origin(['config'], 'value').line ?? 1;
    const indent = /^ */.exec(lines[first - 1])?.[0].length ?? 0;
    const key = this.origin(['config'], 'key').line ?? 1;
    // In flow style on the line of its key it is a map in braces, which ends where the braces do.
    if (first === key) return { text: inFlowStyle(lines, key), indent: 0 };
    const isInside = (line: string): boolean => line.trim() === '' || line.startsWith(' '.repeat(indent));
    const length = lines.slice(first - 1).findIndex((line) => !isInside(line));
    const end = length === -1 ? lines.length : first - 1 + length;
    const text = lines.map((line, index) => (index >= first - 1 && index < end ? line.slice(indent) : '')).join('\n');
    return { text, indent };
  }
}

function inFlowStyle(lines: readonly string[], key: number): string {
  const rest = [
    ...lines.slice(0, key - 1).map(() => ''),
    lines[key - 1].replace(/^config\s*:/, (written) => ' '.repeat(written.length)),
    ...lines.slice(key),
  ];
  const text = rest.join('\n');
  let depth = 0;
  for (let index = text.indexOf('{'); index !== -1 && index < text.length; index++) {
    if (text[index] === '{') depth++;
    if (text[index] === '}' && --depth === 0) return text.slice(0, index + 1);
  }
  return text;
}

/** What the file sets itself; whatever is wrong there is said when it is read in earnest. */
function ownVariables(text: string): Environment {
  const { documents } = parseYaml(text, { environment: {}, readFile: () => undefined });
  const value = documents.find((each) => each.value !== null)?.value as { readonly environment?: unknown } | undefined;
  const parsed = ENVIRONMENT.parse(value?.environment ?? {});
  return parsed.ok ? parsed.value : {};
}
