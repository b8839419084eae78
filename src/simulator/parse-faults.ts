// Reads faults as people write them (`latency-100ms+cut-2`) in a model name, the `x-simulate` header or a rule.
import { parseByteSize } from '../base/byte-size.ts';
import { parseDuration } from '../base/duration.ts';
import { nearestName } from '../base/nearest-name.ts';
import { FAULT_NAMES, FAULTS, type FaultName, type Faults } from './faults.ts';

export type ParsedFaults =
  | { readonly ok: true; readonly faults: Faults }
  | { readonly ok: false; readonly message: string };

const NO_FAULTS: ParsedFaults = { ok: true, faults: {} };
const MAX_ANSWER_BYTES = 100_000_000;
const RATE = /^(\d+(?:\.\d+)?)([km]?)bps$/i;
const RATE_FACTOR: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6 };
/** `sim-` begins the name or follows a separator, so that `gpt-4o-sim-cut-3` and `openai/sim-cut-3` work too. */
const IN_MODEL = /(?:^|[-/:@])sim-(.+)$/;

/** The fault part of a model name, or undefined when the name asks for none. */
export function faultTextOf(model: string): string | undefined {
  return IN_MODEL.exec(model)?.[1];
}

/** An unknown or badly written fault is an error, never ignored: a test that believes it injects a fault must inject one. */
export function parseFaults(text: string | undefined): ParsedFaults {
  if (text === undefined) return NO_FAULTS;
  const faults: Partial<Record<FaultName, number>> = {};
  for (const written of text.split('+')) {
    const part = written.trim().replace(/^sim-/, '');
    const name = FAULT_NAMES.find((candidate) => part === candidate || part.startsWith(`${candidate}-`));
    if (name === undefined) return { ok: false, message: unknownFault(part) };
    const value = argumentOf(name, part.slice(name.length + 1));
    if (value === undefined) {
      return {
        ok: false,
        message: `The fault "${part}" is not written well; an example is "${FAULTS[name].example}".`,
      };
    }
    faults[name] = value;
  }
  return { ok: true, faults };
}

/** The faults as text again, for the record of what happened. */
export function formatFaults(faults: Faults): string {
  return FAULT_NAMES.filter((name) => faults[name] !== undefined)
    .map((name) => (FAULTS[name].argument === 'none' ? name : `${name}=${faults[name]}`))
    .join('+');
}

function unknownFault(part: string): string {
  const nearest = nearestName(part.replace(/-[\d.]+[a-zA-Z]*$/, ''), FAULT_NAMES);
  const hint = nearest === undefined ? '' : ` Did you mean "${FAULTS[nearest as FaultName].example}"?`;
  return `The simulator knows no fault "${part}".${hint}`;
}

function argumentOf(name: FaultName, text: string): number | undefined {
  const entry = FAULTS[name];
  if (entry.argument === 'none') return text === '' ? 1 : undefined;
  if (text === '') return entry.otherwise;
  switch (entry.argument) {
    case 'duration':
      return parseDuration(text);
    case 'count':
      return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
    case 'status':
      return /^[345]\d\d$/.test(text) ? Number(text) : undefined;
    case 'rate':
      return parseRate(text);
    case 'size': {
      const bytes = parseByteSize(text);
      return bytes === undefined || bytes > MAX_ANSWER_BYTES ? undefined : bytes;
    }
  }
}

function parseRate(text: string): number | undefined {
  const match = RATE.exec(text);
  if (match === null) return undefined;
  const bitsPerSecond = Number(match[1]) * RATE_FACTOR[match[2].toLowerCase()];
  return bitsPerSecond >= 1 ? bitsPerSecond : undefined;
}
