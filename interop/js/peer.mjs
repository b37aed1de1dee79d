// A js-libp2p peer that the interoperability tests drive:
//
//   node peer.mjs [AGENT] [ENCRYPTERS, such as noise,tls] [server or client of the DHT /gvmi/kad/1.0.0]
//
// It reads requests from stdin and writes answers and events to stdout, one JSON object a line:
//
//   -> {"id":1,"command":"ping","peer":"12D3..."}
//   <- {"id":1,"result":{...}}             or {"id":1,"error":{"name":"...","message":"..."}}
//   <- {"event":"ready","peer":"...","addresses":["..."]}                       once, first of all
//   <- {"event":"served","protocol":"...","outcome":"...","bytes":1,"sha256":"..."}  when a stream that the
//      remote opened is over; the outcome is "ended", or the name of the error
//
// It ends when stdin does. The protocols it serves are those of `handlers`, the commands those of `commands`.
import './polyfill.mjs'
import { createInterface } from 'node:readline'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify, identifyPush } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { peerIdFromString } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { echo, readAll, Tally, writeRandom } from './streams.mjs'

const ECHO = '/interop/echo/1.0.0'
const DIGEST = '/interop/digest/1.0.0'
const GREET = '/interop/greet/1.0.0'
const RESET = '/interop/reset/1.0.0'
const STALL = '/interop/stall/1.0.0'

const RESET_AFTER_BYTES = 100_000
const STALL_BYTES = 4 << 20
const MAX_STREAMS = 64
const LIMIT_MS = 60_000

const say = message => process.stdout.write(JSON.stringify(message) + '\n')
const limit = () => AbortSignal.timeout(LIMIT_MS)

const encrypters = (process.argv[3] ?? 'noise,tls').split(',')

/** In the DHT, also with addresses of the loopback interface, which it leaves out otherwise. */
const kad = mode => kadDHT({
  protocol: '/gvmi/kad/1.0.0',
  clientMode: mode === 'client',
  peerInfoMapper: passthroughMapper,
  allowQueryWithZeroPeers: true
})
const kadMode = process.argv[4] ?? ''

const node = await createLibp2p({
  privateKey: await generateKeyPair('Ed25519'),
  nodeInfo: { userAgent: process.argv[2] ?? 'interop-js' },
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: encrypters.map(name => ({ noise, tls })[name]()),
  // A receive window grows to 16 MiB: as much must fit into the buffer of a stream that is paused.
  streamMuxers: [yamux({ streamOptions: { maxReadBufferLength: 32 << 20 } })],
  connectionManager: { inboundConnectionThreshold: Infinity },
  // Its pings would collide with those of the tests: js-libp2p allows one at a time and drops the connection otherwise.
  connectionMonitor: { enabled: false },
  services: {
    identify: identify(),
    identifyPush: identifyPush(),
    ping: ping(),
    ...(kadMode !== '' && { dht: kad(kadMode) })
  }
})

// ---- streams that the remote opens ----

const handlers = {
  [ECHO]: echo,

  /** Takes all, then answers with its SHA-256. */
  async [DIGEST] (stream, tally) {
    await readAll(stream, data => tally.add(data))
    stream.send(Buffer.from(tally.summary().sha256))
    await stream.close()
  },

  /** Says hello, ends its own side, then takes all. */
  async [GREET] (stream, tally) {
    const reading = readAll(stream, data => tally.add(data))
    stream.send(Buffer.from('hello'))
    await Promise.all([stream.close(), reading])
  },

  /** Resets the stream when it has taken enough. */
  async [RESET] (stream, tally) {
    await readAll(stream, data => {
      tally.add(data)
      if (tally.bytes >= RESET_AFTER_BYTES) {
        stream.abort(new Error('it was enough'))
      }
    })
  },

  /** Says that it is there, and takes nothing. */
  [STALL] (stream) {
    stream.pause()
    stream.send(Buffer.from('!'))
    return new Promise((resolve, reject) => {
      stream.addEventListener('close', event => event.error == null ? resolve() : reject(event.error))
    })
  }
}

async function serve (protocol, handler) {
  await node.handle(protocol, async stream => {
    const tally = new Tally()
    let outcome = 'ended'
    try {
      await handler(stream, tally)
    } catch (error) {
      outcome = error.name
      stream.abort(error)
    }
    say({ event: 'served', protocol, outcome, ...tally.summary() })
  }, { maxInboundStreams: MAX_STREAMS, maxOutboundStreams: MAX_STREAMS })
}

// ---- commands ----

const identified = new Map()
const stalled = new Set()

function connectionTo (peer) {
  const connection = node.getConnections(peerIdFromString(peer)).find(c => c.status === 'open')
  if (connection == null) {
    throw new Error(`not connected to ${peer}`)
  }
  return connection
}

const open = (peer, protocol) => connectionTo(peer).newStream(protocol, { signal: limit() })

async function echoOnce (peer, bytes) {
  const stream = await open(peer, ECHO)
  const received = new Tally()
  const [sent] = await Promise.all([
    writeRandom(stream, bytes).then(async sent => { await stream.close(); return sent }),
    readAll(stream, data => received.add(data))
  ])
  return { sent: sent.summary(), received: received.summary() }
}

const commands = {
  async dial ({ address }) {
    const connection = await node.dial(multiaddr(address), { signal: limit() })
    return { peer: connection.remotePeer.toString() }
  },

  /** What is known of the one connection to the peer. */
  connection ({ peer }) {
    const { encryption, multiplexer, direction, remoteAddr } = connectionTo(peer)
    return { encryption, multiplexer, direction, remoteAddress: remoteAddr.toString() }
  },

  connections () {
    return { count: node.getConnections().length }
  },

  /** What identify told of the peer; null if it has not yet. */
  identified ({ peer }) {
    return identified.get(peer) ?? null
  },

  async ping ({ peer }) {
    return { millis: await node.services.ping.ping(peerIdFromString(peer), { signal: limit() }) }
  },

  /** Sends bytes on so many streams at once and counts what comes back. */
  async echo ({ peer, streams, bytes }) {
    return await Promise.all(Array.from({ length: streams }, () => echoOnce(peer, bytes)))
  },

  /** Sends, ends its own side, and only then reads. */
  async digest ({ peer, bytes }) {
    const stream = await open(peer, DIGEST)
    const sent = await writeRandom(stream, bytes)
    await stream.close()
    let answer = ''
    await readAll(stream, data => { answer += Buffer.from(data).toString() })
    return { sent: sent.summary(), answer }
  },

  /** Waits for the remote to end its side, and only then sends. */
  async greet ({ peer, bytes }) {
    const stream = await open(peer, GREET)
    let greeting = ''
    await readAll(stream, data => { greeting += Buffer.from(data).toString() })
    const sent = await writeRandom(stream, bytes)
    await stream.close()
    return { greeting, sent: sent.summary() }
  },

  /** Sends until the remote resets the stream. */
  async provokeReset ({ peer }) {
    const stream = await open(peer, RESET)
    const [reading, writing] = await Promise.allSettled([readAll(stream, () => {}), writeRandom(stream, Infinity)])
    return { reading: reading.reason?.name ?? 'ended', writing: writing.reason?.name ?? 'ended', status: stream.status }
  },

  /** Resets its own stream when some of the echo has come back. */
  async abandon ({ peer, bytes }) {
    const stream = await open(peer, ECHO)
    const received = new Tally()
    const reading = readAll(stream, data => {
      received.add(data)
      if (received.bytes >= bytes) {
        stream.abort(new Error('abandoned'))
      }
    })
    await Promise.allSettled([reading, writeRandom(stream, Infinity)])
    return { status: stream.status }
  },

  /** Sends to a remote that does not read; tells how much the remote's window did not let go. */
  async stall ({ peer }) {
    const stream = await open(peer, STALL)
    stalled.add(stream)
    stream.addEventListener('close', () => stalled.delete(stream))
    stream.send(Buffer.alloc(STALL_BYTES))
    stream.close().catch(() => {})
    return { status: stream.status, total: STALL_BYTES, unsent: stream.writeBufferLength }
  },

  /** How much is still not sent on the streams of `stall`. */
  stalled () {
    return { streams: stalled.size, unsent: [...stalled].reduce((sum, s) => sum + s.writeBufferLength, 0) }
  },

  async open ({ peer, protocol }) {
    const stream = await open(peer, protocol)
    return { protocol: stream.protocol }
  },

  async serveEcho ({ protocol }) {
    await serve(protocol, echo)
    return {}
  },

  async close ({ peer }) {
    await connectionTo(peer).close()
    return {}
  },

  /** Connects, pings and closes, again and again. */
  async churn ({ address, count }) {
    let done = 0
    for (; done < count; done++) {
      const connection = await node.dial(multiaddr(address), { signal: limit(), force: true })
      await node.services.ping.ping(connection.remotePeer, { signal: limit() })
      await connection.close()
    }
    return { done }
  },

  // ---- DHT; a key is a multihash in hexadecimal ----

  async provide ({ key }) {
    await node.contentRouting.provide(cidOf(key), { signal: limit() })
    return {}
  },

  async findProviders ({ key, count }) {
    const found = []
    for await (const provider of node.contentRouting.findProviders(cidOf(key), { signal: limit() })) {
      found.push(peerInfo(provider))
      if (found.length >= count) {
        break
      }
    }
    return found
  },

  async findPeer ({ peer }) {
    return peerInfo(await node.peerRouting.findPeer(peerIdFromString(peer), { signal: limit() }))
  },

  /** Who is in the routing table. */
  table () {
    return { peers: [...node.services.dht.routingTable.kb.toIterable()].map(({ peerId }) => peerId.toString()) }
  }
}

const cidOf = key => CID.createV1(0x55, Digest.decode(Buffer.from(key, 'hex')))

const peerInfo = ({ id, multiaddrs }) => ({ id: id.toString(), addresses: multiaddrs.map(String) })

function describe (error) {
  const causes = error.errors?.map(describe) ?? []
  return { name: error.name, message: error.message, causes }
}

async function answer (line) {
  const { id, command, ...parameters } = JSON.parse(line)
  try {
    const handler = commands[command]
    if (handler == null) {
      throw new Error(`no such command: ${command}`)
    }
    say({ id, result: await handler(parameters) })
  } catch (error) {
    say({ id, error: describe(error) })
  }
}

node.addEventListener('peer:identify', ({ detail }) => {
  identified.set(detail.peerId.toString(), {
    agent: detail.agentVersion,
    protocols: detail.protocols,
    addresses: detail.listenAddrs.map(String),
    observed: detail.observedAddr?.toString()
  })
})
// libp2p leaves some failures of closing to nobody; they end no test.
process.on('unhandledRejection', error => console.error('unhandled', error))

for (const [protocol, handler] of Object.entries(handlers)) {
  await serve(protocol, handler)
}
say({ event: 'ready', peer: node.peerId.toString(), addresses: node.getMultiaddrs().map(String) })
for await (const line of createInterface({ input: process.stdin })) {
  answer(line)
}
await node.stop()
process.exit(0)
