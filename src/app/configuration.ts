// The configuration a command was given – files, folders or texts in memory – read and checked the same way for `run`, `check`
// and `explain`.
import { readFileSync } from 'node:fs';
import { type LoadedConfiguration, type LoadOptions, loadModel } from '../control/load-model.ts';
import { readSources, type SourceDocument } from '../control/sources/file-source.ts';
import { createCatalog } from './catalog.ts';

export interface ConfigurationOptions {
  readonly paths: readonly string[];
  /** Texts beside the files: the quickstart, or an embedding program's own. */
  readonly documents: readonly SourceDocument[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly dialect?: string;
  readonly port?: number;
}

export interface Configuration extends LoadedConfiguration {
  readonly documents: readonly SourceDocument[];
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The dialect reports it at the line that names the file.
    return undefined;
  }
}

export function loadConfiguration(options: ConfigurationOptions): Configuration {
  const reading = readSources(options.paths);
  const documents = [...options.documents, ...reading.documents];
  const loadOptions: LoadOptions = {
    catalog: createCatalog(),
    environment: options.environment,
    readFile: readText,
    ...(options.dialect === undefined ? {} : { dialect: options.dialect }),
    ...(options.port === undefined ? {} : { port: options.port }),
  };
  const loaded = loadModel(documents, reading.findings, loadOptions);
  return {
    ...loaded,
    documents,
    files: [...reading.files, ...loaded.referencedFiles],
    folders: reading.folders,
  };
}
