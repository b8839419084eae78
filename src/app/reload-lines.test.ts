// What an operator reads after a reload, by outcome and by what went before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReloadResult } from '../control/reload.ts';
import type { Finding } from '../model/finding.ts';
import { reloadLines } from './reload-lines.ts';

const LATER = { isFirst: false, wasRefused: false };
const ORIGIN = { source: 'gateway.yaml', dialect: 'native', pointer: '/routes', line: 3 };

function finding(severity: Finding['severity']): Finding {
  return { severity, code: 'config.conflict', message: `a ${severity}`, origin: ORIGIN };
}

function result(outcome: ReloadResult['outcome'], parts: Partial<ReloadResult> = {}): ReloadResult {
  return { outcome, findings: [], changes: [], ...parts };
}

test('a reload that changes nothing says nothing, except after one that was refused', () => {
  assert.deepEqual(reloadLines(result('unchanged'), LATER), []);
  const [line, ...others] = reloadLines(result('unchanged'), { ...LATER, wasRefused: true });
  assert.match(line, /in order again/);
  assert.deepEqual(others, []);
});

test('a reload that is taken says what changed and its warnings, no notes', () => {
  const findings = [finding('note'), finding('warning')];
  const lines = reloadLines(result('applied', { findings, changes: ['route a: added', 'backend b: changed'] }), LATER);
  assert.equal(lines.length, 2);
  assert.match(lines[0], /gateway\.yaml:3.* a warning/);
  assert.equal(lines[1], 'configuration reloaded: route a: added, backend b: changed');
  assert.deepEqual(reloadLines(result('applied'), LATER), ['configuration reloaded: order or settings only']);
});

test('a reload that is refused says why, and that the running configuration stays', () => {
  const lines = reloadLines(result('refused', { findings: [finding('error')] }), LATER);
  assert.match(lines[0], /a error/);
  assert.match(lines[1], /^configuration not changed/);
});

test('at the start only warnings are said here', () => {
  const first = { ...LATER, isFirst: true };
  assert.deepEqual(reloadLines(result('refused', { findings: [finding('error')] }), first), []);
  assert.equal(reloadLines(result('applied', { findings: [finding('warning')] }), first).length, 1);
});
