// Notices edits of configuration files and asks for a reload. Watches folders, not files: a file that is replaced by rename
// (editors, `mv`, ConfigMap symlink swaps) keeps no inode to watch.
import { watch } from 'node:fs';
import { dirname, resolve } from 'node:path';

export interface WatchedPlaces {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** Time and file system, injected so that tests need neither. */
export interface WatchDeps {
  /** Calls back on any change in the folder; undefined when the folder cannot be watched (then the poll alone sees it). */
  watchFolder(folder: string, onEvent: () => void): { close(): void } | undefined;
  stamp(paths: readonly string[]): string;
  now(): number;
  /** Calls once after the delay; returns how to cancel. */
  after(delayMs: number, call: () => void): () => void;
}

/** An edit is several events (truncate, write, rename): wait this long after the last one … */
const QUIET_MS = 75;
/** … but no longer than this after the first, or a folder that never rests would never be read. */
const LONGEST_WAIT_MS = 300;
/** Safety net for file systems without events (NFS, some container mounts). */
const POLL_MS = 2000;

export function nodeWatchDeps(stamp: (paths: readonly string[]) => string): WatchDeps {
  return {
    stamp,
    now: () => performance.now(),
    after(delayMs, call) {
      const timer = setTimeout(call, delayMs);
      timer.unref();
      return () => clearTimeout(timer);
    },
    watchFolder(folder, onEvent) {
      try {
        const watcher = watch(folder, { persistent: false }, onEvent);
        // A folder that goes away ends its watch; the poll sees the rest.
        watcher.on('error', () => watcher.close());
        return watcher;
      } catch {
        return undefined;
      }
    },
  };
}

/** Calls `onChange` after edits. `follow` is called after each load with what was read, because folders come and go. */
export class SourceWatcher {
  private readonly deps: WatchDeps;
  private readonly onChange: () => void;
  private readonly watchers = new Map<string, { close(): void } | undefined>();
  private places: readonly string[] = [];
  private lastStamp = '';
  private firstEventMs = -1;
  private isSure = false;
  private cancelQuiet: (() => void) | undefined;
  private cancelPoll: (() => void) | undefined;
  private isClosed = false;

  constructor(deps: WatchDeps, onChange: () => void) {
    this.deps = deps;
    this.onChange = onChange;
    this.schedulePoll();
  }

  follow(places: WatchedPlaces): void {
    if (this.isClosed) return;
    const paths = [...places.files, ...places.folders];
    if (paths.join('\n') !== this.places.join('\n')) {
      // With the same places the stamp taken before the load stands: it must not cover an edit made while files were read.
      // For new ones there is none, so they are looked at once more.
      const isFirst = this.places.length === 0;
      this.places = paths;
      this.lastStamp = this.deps.stamp(paths);
      if (!isFirst) this.noticed('surely');
    }
    const wanted = new Set(
      [...places.folders, ...places.files.map((file) => dirname(file))].map((path) => resolve(path)),
    );
    for (const [folder, watcher] of this.watchers) {
      if (wanted.has(folder)) continue;
      watcher?.close();
      this.watchers.delete(folder);
    }
    for (const folder of wanted) {
      // One that could not be watched is tried again: it may exist by now.
      if (this.watchers.get(folder) === undefined)
        this.watchers.set(
          folder,
          this.deps.watchFolder(folder, () => this.noticed('perhaps')),
        );
    }
  }

  /** Other files live in the same folders: an event is only a reason to look, unless the change is certain. */
  private noticed(change: 'perhaps' | 'surely'): void {
    if (this.isClosed) return;
    if (change === 'surely') this.isSure = true;
    const nowMs = this.deps.now();
    if (this.firstEventMs < 0) this.firstEventMs = nowMs;
    this.cancelQuiet?.();
    const leftMs = this.firstEventMs + LONGEST_WAIT_MS - nowMs;
    this.cancelQuiet = this.deps.after(Math.max(0, Math.min(QUIET_MS, leftMs)), () => {
      this.firstEventMs = -1;
      this.cancelQuiet = undefined;
      const stamp = this.deps.stamp(this.places);
      if (stamp === this.lastStamp && !this.isSure) return;
      this.isSure = false;
      this.lastStamp = stamp;
      this.onChange();
    });
  }

  private schedulePoll(): void {
    this.cancelPoll = this.deps.after(POLL_MS, () => {
      if (this.isClosed) return;
      const stamp = this.deps.stamp(this.places);
      if (stamp !== this.lastStamp) this.noticed('perhaps');
      this.schedulePoll();
    });
  }

  close(): void {
    this.isClosed = true;
    this.cancelQuiet?.();
    this.cancelPoll?.();
    for (const watcher of this.watchers.values()) watcher?.close();
    this.watchers.clear();
  }
}
