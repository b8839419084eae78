// Texts of configuration files in, model fragments and findings out: the one entrance to all dialects.
import { nearestName } from '../base/nearest-name.ts';

import { DEFAULT_LISTENER_LIMITS, DEFAULT_LISTENER_PORT, DEFAULT_PATH_POLICY } from '../model/defaults.ts';
import type { Finding } from '../model/finding.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { Listener } from '../model/listener.ts';
import { parseYaml, toPointer } from '../schema/yaml-document.ts';
import type { Path, SourceDocument, TranslateOptions } from './dialect.ts';
import { DIALECT_NAMES, recogniseDocument, recogniseFile } from './recognise.ts';
import { dialectRegistry } from './registry.ts';

export interface DocumentText {
  /** File name as findings shall show it. */
  readonly source: string;
  readonly text: string;
}

/** Which dialect each document was taken for, and why (`check --verbose`). */
export interface Recognition {
  readonly source: string;
  readonly line: number;
  readonly dialect: string;
  readonly because: string;
}

export interface TranslatedDocuments {
  readonly fragments: readonly Partial<GatewayModel>[];
  /** In the order of the inputs, then by line. */
  readonly findings: readonly Finding[];
  readonly recognised: readonly Recognition[];
}

class Intake {
  readonly findings: Finding[] = [];
  readonly recognised: Recognition[] = [];
  readonly byDialect = new Map<string, SourceDocument[]>();
  private readonly options: TranslateOptions;

  constructor(options: TranslateOptions) {
    this.options = options;
  }

  take({ source, text }: DocumentText): void {
    const file = this.options.dialect === undefined ? recogniseFile(source) : undefined;
    if (file !== undefined) {
      this.assign(file, {
        source,
        value: undefined,
        origin: () => ({ source, dialect: file.dialect, pointer: '', line: 1, column: 1 }),
      });
      return;
    }
    const { environment, readFile } = this.options;
    const parsed = parseYaml(text, { environment, readFile: (path) => readFile(path, source) });
    for (const { line, column, pointer, ...remark } of parsed.problems) {
      this.findings.push({ ...remark, origin: { source, dialect: 'yaml', pointer, line, column } });
    }
    for (const { value, locate } of parsed.documents) {
      if (value === null) continue;
      const recognised = this.options.dialect === undefined ? recogniseDocument(value) : this.forced();
      const origin = (path: Path, part: 'key' | 'value') => ({
        source,
        dialect: recognised.dialect,
        pointer: toPointer(path),
        ...locate(path, part),
      });
      this.assign(recognised, { source, value, origin });
    }
  }

  private forced(): { readonly dialect: string; readonly because: string } {
    return { dialect: this.options.dialect ?? 'native', because: 'it was asked for' };
  }

  private assign(
    { dialect, because }: { readonly dialect: string; readonly because: string },
    document: SourceDocument,
  ): void {
    const origin = document.origin([], 'value');
    this.recognised.push({ source: document.source, line: origin.line ?? 1, dialect, because });
    if (dialectRegistry.has(dialect)) {
      const documents = this.byDialect.get(dialect) ?? [];
      this.byDialect.set(dialect, [...documents, document]);
    } else if ((DIALECT_NAMES as readonly string[]).includes(dialect)) {
      const message = `the ${dialect} dialect is not available in this version (${because})`;
      this.findings.push({ severity: 'error', code: 'config.dialect-not-available', message, origin });
    } else {
      const nearest = nearestName(dialect, DIALECT_NAMES);
      const mend = nearest === undefined ? {} : { mend: `did you mean "${nearest}"?` };
      const message = `there is no dialect "${dialect}"`;
      this.findings.push({
        severity: 'error',
        code: 'config.unknown-dialect',
        message,
        ...mend,
        origin,
      });
    }
  }
}

/** Listens where nothing says otherwise. */
function defaultListener(source: string): Listener {
  return {
    id: 'default' as Listener['id'],
    origin: { source, dialect: 'native', pointer: '' },
    address: undefined,
    port: DEFAULT_LISTENER_PORT,
    protocol: 'http',
    hostnames: [],
    tls: undefined,
    path: DEFAULT_PATH_POLICY,
    limits: DEFAULT_LISTENER_LIMITS,
    trustedProxies: [],
  };
}

/** Where a variable or file is missing, whatever else is wrong with that value is only its echo. */
function withoutEchoes(findings: readonly Finding[], ofText: readonly Finding[]): readonly Finding[] {
  const place = ({ origin: { source, line, column } }: Finding) => `${source}:${line}:${column}`;
  const places = new Set(ofText.map(place));
  return findings.filter((finding) => !places.has(place(finding)));
}

function inReadingOrder(findings: readonly Finding[], sources: readonly string[]): readonly Finding[] {
  const rank = new Map(sources.map((source, index) => [source, index]));
  const at = ({ origin }: Finding) => rank.get(origin.source) ?? sources.length;
  return findings.toSorted(
    (a, b) =>
      at(a) - at(b) || (a.origin.line ?? 0) - (b.origin.line ?? 0) || (a.origin.column ?? 0) - (b.origin.column ?? 0),
  );
}

/** Never throws for what a document holds. When no document names a listener there is one, `default`, on port 8080. */
export function translateDocuments(documents: readonly DocumentText[], options: TranslateOptions): TranslatedDocuments {
  const intake = new Intake(options);
  for (const document of documents) intake.take(document);
  const fragments: Partial<GatewayModel>[] = [];
  const findings = [...intake.findings];
  for (const [name, ofDialect] of intake.byDialect) {
    const translation = dialectRegistry.get(name)?.translate(ofDialect, options);
    fragments.push(...(translation?.fragments ?? []));
    findings.push(...withoutEchoes(translation?.findings ?? [], intake.findings));
  }
  if (!fragments.some((fragment) => (fragment.listeners ?? []).length > 0)) {
    fragments.push({ listeners: [defaultListener(documents[0]?.source ?? 'default')] });
  }
  const sources = documents.map((document) => document.source);
  return { fragments, findings: inReadingOrder(findings, sources), recognised: intake.recognised };
}
