// The lines a person reads when a gateway starts: where it listens, what it serves, and how far its limits reach.
import type { Listener } from '../model/listener.ts';

export interface StartFacts {
  readonly version: string;
  readonly listeners: readonly Listener[];
  readonly adminUrl: string;
  readonly workers: number;
  readonly sources: readonly string[];
  readonly isWatching: boolean;
}

/** A URL that can be pasted: an address that means "all" is written as localhost. */
export function listenerUrl({ address, port, protocol }: Pick<Listener, 'address' | 'port' | 'protocol'>): string {
  const isAny = address === undefined || address === '0.0.0.0' || address === '::';
  const host = isAny ? 'localhost' : address.includes(':') ? `[${address}]` : address;
  return `${protocol}://${host}:${port}`;
}

function workersLine(workers: number): string {
  if (workers === 0) return 'everything in one thread';
  return workers === 1 ? '1 worker thread' : `${workers} worker threads`;
}

export function startLines(facts: StartFacts): readonly string[] {
  const { listeners, sources } = facts;
  return [
    `switchyard ${facts.version}`,
    ...listeners.map((listener) => `  listening on ${listenerUrl(listener)} (${listener.id})`),
    `  admin on ${facts.adminUrl}`,
    `  ${workersLine(facts.workers)}; counters and endpoint states reach: process`,
    `  configuration: ${sources.length === 0 ? 'built in' : sources.join(', ')}${facts.isWatching ? ' (watched)' : ''}`,
  ];
}
