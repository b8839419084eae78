// Every dialect, one line each.
import type { Dialect } from './dialect.ts';
import { native } from './native/native.ts';

export const dialectRegistry: ReadonlyMap<string, Dialect> = new Map([[native.name, native]]);
