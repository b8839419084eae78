// Numbers, codes and metrics that the guide of the edges names are those of the code.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ERROR_CODES } from '../src/errors/codes.ts';
import {
  FILE_TOKENS,
  IMAGE_TOKENS,
  LOW_DETAIL_IMAGE_TOKENS,
  MAX_COUNTED_CHARACTERS,
} from '../src/llm/count-request.ts';
import { MAX_DEPTH } from '../src/llm/json-scan.ts';
import { METRIC_DEFINITIONS } from '../src/telemetry/metric-definitions.ts';

const guide = readFileSync('docs/guides/ai-edges.md', 'utf8').replaceAll(/\s+/g, ' ');

test('every code and metric of the guide exists', () => {
  const metrics = new Set<string>(Object.values(METRIC_DEFINITIONS).map(({ name }) => name));
  let checked = 0;
  for (const [, word] of guide.matchAll(/`([a-z][a-z_.-]+)(?:\{[^`]*\})?`/g)) {
    const isCode = /^(request|upstream|operation|gateway|model)\.[a-z-]+$/.test(word);
    const isMetric = /^(gateway|process|agentgateway)_/.test(word);
    if (isCode) assert.ok(word in ERROR_CODES, word);
    if (isMetric) assert.ok(metrics.has(word), word);
    checked += Number(isCode || isMetric);
  }
  assert.ok(checked > 12, `${checked} checked`);
});

test('its numbers are the code’s', () => {
  assert.ok(guide.includes(`an image ${IMAGE_TOKENS} (${LOW_DETAIL_IMAGE_TOKENS} at low detail)`));
  assert.ok(guide.includes(`a file or a sound ${FILE_TOKENS}`));
  assert.ok(guide.includes(`more than ${MAX_COUNTED_CHARACTERS} characters`));
  assert.ok(guide.includes(`deeper than ${MAX_DEPTH}`));
});
