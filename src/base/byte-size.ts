// Sizes as people write them in configuration (`64KB`, `10MiB`), turned into bytes at load time.

const UNIT_BYTES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** Pattern of an accepted size, for JSON Schema. */
export const BYTE_SIZE_PATTERN: string = '^\\d+(\\.\\d+)?\\s*([bB]|[kKmMgGtT](i?[bB]))?$';

const FORM = new RegExp(BYTE_SIZE_PATTERN);

/** Bytes (rounded) of `10MB` (powers of 1,000) or `10MiB` (powers of 1,024), or undefined when it is no size. */
export function parseByteSize(text: string): number | undefined {
  const trimmed = text.trim();
  if (!FORM.test(trimmed)) return undefined;
  const amount = Number.parseFloat(trimmed);
  const unit = trimmed.replace(/^[\d.\s]+/, '').toLowerCase();
  const bytes = Math.round(amount * UNIT_BYTES[unit]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
