// Values of command line options, in the same spelling as in configuration files.
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../base/duration.ts';

export function portOption(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535; 0 takes a free one.');
  return port;
}

export function workersOption(text: string): number {
  const workers = Number(text);
  if (!/^\d+$/.test(text) || workers > 1024)
    throw new InvalidArgumentError('Give a number of threads; 0 runs everything in one.');
  return workers;
}

export function durationOption(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs === undefined) throw new InvalidArgumentError('A duration is written as 500ms, 30s or 5m.');
  return durationMs;
}

export function seedOption(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A seed is a whole number of up to nine digits.');
  return Number(text);
}

export function collectOption(text: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, text];
}
