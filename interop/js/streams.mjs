// What the peer does with a stream, whichever side opened it.
import { createHash, randomBytes } from 'node:crypto'

const PIECE_BYTES = 64 << 10

/** Counts and hashes bytes. */
export class Tally {
  bytes = 0
  #hash = createHash('sha256')

  add (data) {
    this.bytes += data.length
    this.#hash.update(data)
  }

  summary () {
    return { bytes: this.bytes, sha256: this.#hash.copy().digest('hex') }
  }
}

/**
 * Hands each piece to `take` until the remote ends its side. Rejects when the stream is reset by either side, and when
 * the connection is gone before the end has come.
 */
export function readAll (stream, take) {
  return new Promise((resolve, reject) => {
    let ended = stream.remoteWriteStatus === 'closed'
    // Not by the event 'end': it may have come before the negotiation of the protocol put back what it had read too much.
    const resolveAtEnd = () => {
      if (ended && stream.readBufferLength === 0) {
        resolve()
      }
    }
    stream.addEventListener('remoteCloseWrite', () => { ended = true; resolveAtEnd() })
    stream.addEventListener('close', ({ error }) => {
      if (error != null || !ended) {
        reject(error ?? new Error('the connection is gone'))
      }
    })
    stream.addEventListener('message', ({ data }) => { take(data.subarray()); resolveAtEnd() })
    if (stream.status === 'aborted' || stream.status === 'reset') {
      reject(new Error(`the stream is ${stream.status}`))
    } else {
      resolveAtEnd()
    }
  })
}

/** Resolves when the stream takes more data; rejects when it never will. */
export function drained (stream) {
  return new Promise((resolve, reject) => {
    stream.addEventListener('drain', resolve, { once: true })
    stream.addEventListener('close', event => reject(event.error ?? new Error('the stream is closed')), { once: true })
  })
}

/** Sends random bytes as fast as the remote takes them. */
export async function writeRandom (stream, bytes, tally = new Tally()) {
  while (tally.bytes < bytes) {
    const piece = randomBytes(Math.min(bytes - tally.bytes, PIECE_BYTES))
    tally.add(piece)
    if (!stream.send(piece)) {
      await drained(stream)
    }
  }
  return tally
}

/** Sends back what comes, no faster than the remote takes it. */
export async function echo (stream, tally) {
  await readAll(stream, data => {
    tally.add(data)
    if (!stream.send(data) && stream.readStatus === 'readable') {
      stream.pause()
      // A stream that closes instead of draining has rejected readAll.
      drained(stream).then(() => { if (stream.readStatus === 'paused') stream.resume() }, () => {})
    }
  })
  await stream.close()
}
