// The writer of an exchange that has no client: explanations, and tests of what looks at exchanges only.
import type { ReplyWriter } from './reply-writer.ts';

/** Swallows whatever is written. */
export const NOWHERE: ReplyWriter = {
  isBegun: false,
  write() {},
  writeLatin1() {},
  informational() {},
  begin() {},
  flush() {},
  end() {},
  abort() {},
  upgrade: () => undefined,
};
