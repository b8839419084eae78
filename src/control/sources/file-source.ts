// Reads configuration from files and folders: the first step of a load. Gives text and the places to watch, never opinions
// about the content.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Finding } from '../../model/finding.ts';

/** One file's text. `source` is the path as the operator would write it. */
export interface SourceDocument {
  readonly source: string;
  readonly text: string;
}

export interface SourceReading {
  readonly documents: readonly SourceDocument[];
  readonly findings: readonly Finding[];
  /** Every file read and every folder looked into, so that a watcher knows where changes can come from. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

const EXTENSIONS: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json', '.js', '.cjs', '.mjs', '.ts']);

/** A configuration beyond this is a mistake (a database dump, a log), and reading it would stall the control plane. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_DEPTH = 32;

/** Files that editors and ConfigMap mounts leave beside the real ones: `.x.swp`, `x~`, `#x#`, `4913`, `..data`. */
export function isEditorLeftover(name: string): boolean {
  return name.startsWith('.') || name.startsWith('#') || name.endsWith('~') || /^\d+$/.test(name);
}

function isConfigurationName(name: string): boolean {
  return EXTENSIONS.has(extname(name).toLowerCase()) && !isEditorLeftover(name) && !name.endsWith('.d.ts');
}

const REASONS: Readonly<Record<string, readonly [what: string, mend: string]>> = {
  ENOENT: ['does not exist', 'Check the path; it is taken from the folder the command runs in.'],
  EACCES: ['may not be read by this user', 'Give the user that runs the gateway the right to read it.'],
  EPERM: ['may not be read by this user', 'Give the user that runs the gateway the right to read it.'],
  ELOOP: ['is a symbolic link that leads round in a circle', 'Point the link at the file.'],
  ENOTDIR: ['lies below something that is not a folder', 'Check the path.'],
};

function refusal(path: string, error: unknown): Finding {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const [what, mend] = REASONS[code] ?? [`could not be read (${code || String(error)})`, undefined];
  return {
    severity: 'error',
    code: code === 'ENOENT' ? 'config.file-missing' : 'config.file-unreadable',
    message: `${path} ${what}.`,
    ...(mend === undefined ? {} : { mend }),
    origin: { source: path, dialect: 'file', pointer: '' },
  };
}

class Reader {
  readonly documents: SourceDocument[] = [];
  readonly findings: Finding[] = [];
  readonly files: string[] = [];
  readonly folders: string[] = [];
  private readonly seen = new Set<string>();

  /** A path from the command line: missing or empty is an error, because the operator meant something by it. */
  readNamed(path: string): void {
    const before = this.files.length;
    try {
      const stats = statSync(path);
      if (!stats.isDirectory()) {
        this.readFile(path, stats.size);
        return;
      }
      this.readFolder(path, 0);
    } catch (error) {
      this.files.push(path);
      this.findings.push(refusal(path, error));
      return;
    }
    if (this.files.length === before) this.reportEmpty(path);
  }

  private reportEmpty(path: string): void {
    this.findings.push({
      severity: 'error',
      code: 'config.folder-empty',
      message: `${path} holds no configuration file.`,
      mend: `Files are taken by their ending: ${[...EXTENSIONS].join(' ')}.`,
      origin: { source: path, dialect: 'file', pointer: '' },
    });
  }

  private readFolder(folder: string, depth: number): void {
    this.folders.push(folder);
    for (const name of readdirSync(folder).sort()) {
      if (isEditorLeftover(name) || name === 'node_modules') continue;
      this.readFound(join(folder, name), depth);
    }
  }

  /** A path found in a folder: one that vanished since the listing is an edit in progress, not an error. */
  private readFound(path: string, depth: number): void {
    try {
      const stats = statSync(path);
      if (stats.isDirectory()) {
        if (depth < MAX_DEPTH) this.readFolder(path, depth + 1);
      } else if (isConfigurationName(path)) this.readFile(path, stats.size);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.findings.push(refusal(path, error));
    }
  }

  private readFile(path: string, bytes: number): void {
    if (this.seen.has(path)) return;
    this.seen.add(path);
    this.files.push(path);
    if (bytes > MAX_FILE_BYTES) {
      this.findings.push({
        severity: 'error',
        code: 'config.file-too-large',
        message: `${path} has ${bytes} bytes; at most ${MAX_FILE_BYTES} are read.`,
        origin: { source: path, dialect: 'file', pointer: '' },
      });
      return;
    }
    this.documents.push({ source: path, text: readFileSync(path, 'utf8') });
  }
}

/** Reads files, and folders recursively by file name ending, in a stable order. Never throws for what it finds on disk. */
export function readSources(paths: readonly string[]): SourceReading {
  const reader = new Reader();
  for (const path of paths) reader.readNamed(path);
  return reader;
}

/** A short text that changes when any of the files does: modification time, size and inode. Missing files count as such. */
export function stampSources(paths: readonly string[]): string {
  return paths
    .map((path) => {
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats === undefined ? `${path}:-` : `${path}:${stats.mtimeMs}:${stats.size}:${stats.ino}`;
    })
    .join('\n');
}
