// Every client format, one line each.
import type { ClientFormat } from '../format.ts';
import { anthropic } from './anthropic.ts';
import { gemini } from './gemini.ts';
import { openai } from './openai.ts';

const FORMATS: readonly ClientFormat[] = [openai, anthropic, gemini];

/** By name, in the order in which a path is tried against them. */
export const formatRegistry: ReadonlyMap<string, ClientFormat> = new Map(
  FORMATS.map((format) => [format.name, format]),
);
