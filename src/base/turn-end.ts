// Work put off to the end of a turn of the event loop: answers that arrived in it, then requests, then all that is to be written.
// hot: a fifth to a quarter less CPU per request than one by one, where the kernel's paths and our own code throw each other out
// of the processor's caches at every system call (paired runs, docs/decisions/0008).

export interface TurnReader {
  /** Takes up what arrived. */
  readNow(): void;
}

export interface TurnWriter {
  /** Hands what waits to the socket. */
  writeNow(): void;
}

/** Room for what is read in one turn; a read that finds none is kept in memory of its own. */
const ARENA_BYTES = 512 * 1024;

/**
 * Reads of this turn that wait for its end, one behind the other. Valid until the readers of the turn have run: whoever needs
 * bytes longer copies them. hot: a buffer object per read, made and dropped, cost as much as parsing a head.
 */
export const turnBytes: Buffer = Buffer.allocUnsafeSlow(ARENA_BYTES);
let turnBytesUsed = 0;

/** Copies `bytes[0, length)` to `turnBytes`; the offset there, or -1 when the turn has read too much. */
export function keepForTurn(bytes: Buffer, length: number): number {
  const start = turnBytesUsed;
  if (start + length > ARENA_BYTES) return -1;
  bytes.copy(turnBytes, start, 0, length);
  turnBytesUsed = start + length;
  return start;
}

let answers: TurnReader[] = [];
let requests: TurnReader[] = [];
let writers: TurnWriter[] = [];
let isScheduled = false;
let turn = 0;

/** A number that this turn alone has, when its end is to come; -1 while nothing waits for one. */
export function turnUnderWay(): number {
  return isScheduled ? turn : -1;
}

function endTurn(): void {
  isScheduled = false;
  turn++;
  const arrivedAnswers = answers;
  answers = [];
  for (let index = 0; index < arrivedAnswers.length; index++) arrivedAnswers[index].readNow();
  const arrivedRequests = requests;
  requests = [];
  for (let index = 0; index < arrivedRequests.length; index++) arrivedRequests[index].readNow();
  turnBytesUsed = 0;
  const waiting = writers;
  writers = [];
  for (let index = 0; index < waiting.length; index++) waiting[index].writeNow();
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(endTurn);
}

/** Calls `readNow` once every event that is ready now was taken in, before the loop waits again. */
export function readRequestAtTurnEnd(reader: TurnReader): void {
  requests.push(reader);
  schedule();
}

/** The same, before the requests of the turn: the connections that answers free are there for them. */
export function readAnswerAtTurnEnd(reader: TurnReader): void {
  answers.push(reader);
  schedule();
}

/** Calls `writeNow` behind all readers of the turn, in the order of the calls. */
export function writeAtTurnEnd(writer: TurnWriter): void {
  writers.push(writer);
  schedule();
}
