// From texts to a checked, frozen model: translate, merge, prove, and say everything that is wrong at its line. Live loads,
// `check` and `explain` all go through here.
import { dirname, resolve } from 'node:path';
import { type Recognition, translateDocuments } from '../dialects/translate-documents.ts';
import type { Catalog } from '../model/catalog.ts';
import type { Finding } from '../model/finding.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { hashModel } from '../model/hash.ts';
import type { Listener } from '../model/listener.ts';
import { mergeFragments } from '../model/merge.ts';
import { validateModel } from '../model/validate.ts';
import { checkCertificates } from './check-certificates.ts';
import { checkRoutes } from './check-routes.ts';
import type { LoadedModel } from './reload.ts';
import type { SourceDocument } from './sources/file-source.ts';

export interface LoadOptions {
  readonly catalog: Catalog;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** For `@file` values; undefined when the file cannot be read. */
  readFile(path: string): string | undefined;
  /** Forces a dialect on every document. */
  readonly dialect?: string;
  /** Replaces the port of the first listener. */
  readonly port?: number;
}

export interface LoadedConfiguration extends LoadedModel {
  /** Files that values came from, beside the documents themselves. */
  readonly referencedFiles: readonly string[];
  /** Which dialect each document was taken for, and why. */
  readonly recognised: readonly Recognition[];
}

const SEVERITIES = ['error', 'warning', 'note'] as const;

/** Errors first; otherwise in the order of files and lines, as a person reads them. */
function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      a.origin.source.localeCompare(b.origin.source) ||
      (a.origin.line ?? 0) - (b.origin.line ?? 0) ||
      (a.origin.column ?? 0) - (b.origin.column ?? 0),
  );
}

function overridePort(
  model: GatewayModel,
  port: number | undefined,
): { model: GatewayModel; findings: readonly Finding[] } {
  const [first, ...others] = model.listeners;
  if (port === undefined || first === undefined) return { model, findings: [] };
  const listener: Listener = Object.freeze({ ...first, port });
  const clash = port === 0 ? undefined : others.find((other) => other.port === port && other.address === first.address);
  const findings: Finding[] = [];
  if (clash !== undefined) {
    findings.push({
      severity: 'error',
      code: 'config.duplicate',
      message: `Listener ${first.id} is moved to port ${port} by the command line, where listener ${clash.id} already is.`,
      mend: 'Choose another port.',
      origin: clash.origin,
    });
  }
  return { model: Object.freeze({ ...model, listeners: Object.freeze([listener, ...others]) }), findings };
}

/** Never throws for what is written: everything wrong is a finding, and an error among them leaves `model` undefined. */
export function loadModel(
  documents: readonly SourceDocument[],
  earlier: readonly Finding[],
  options: LoadOptions,
): LoadedConfiguration {
  const referenced: string[] = [];
  const translated = translateDocuments(documents, {
    catalog: options.catalog,
    environment: options.environment,
    ...(options.dialect === undefined ? {} : { dialect: options.dialect }),
    readFile(path, source) {
      // As a person reads it: beside the file that names it.
      const file = resolve(dirname(source), path);
      referenced.push(file);
      return options.readFile(file);
    },
  });
  const merged = mergeFragments(translated.fragments);
  const { model, findings: portFindings } = overridePort(merged.model, options.port);
  const findings = [...earlier, ...translated.findings, ...merged.findings, ...portFindings];
  // Proofs over half a model would report what is only a consequence of the first error.
  if (!hasError(findings)) {
    const served = checkRoutes(model, translated.fragments, translated.recognised.length);
    findings.push(...served, ...validateModel(model, options.catalog), ...checkCertificates(model));
  }
  return {
    model: hasError(findings) ? undefined : model,
    hash: hashModel(model),
    findings: sortFindings(findings),
    referencedFiles: referenced,
    recognised: translated.recognised,
  };
}

export function hasError(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error');
}
