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

let answers: TurnReader[] = [];
let requests: TurnReader[] = [];
let writers: TurnWriter[] = [];
let isScheduled = false;

function endTurn(): void {
  isScheduled = false;
  const arrivedAnswers = answers;
  answers = [];
  for (let index = 0; index < arrivedAnswers.length; index++) arrivedAnswers[index].readNow();
  const arrivedRequests = requests;
  requests = [];
  for (let index = 0; index < arrivedRequests.length; index++) arrivedRequests[index].readNow();
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
