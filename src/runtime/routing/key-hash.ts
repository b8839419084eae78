// A name for a provider's key that tells keys apart and tells nobody what they are.
import { createHash } from 'node:crypto';

/** Eight digits of its hash. */
export function keyHash(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex').slice(0, 8);
}
