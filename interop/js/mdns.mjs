// A js-libp2p peer that looks for others on the local network: node mdns.mjs SERVICE LISTEN
//
// It prints "ready PEER" once, then "found PEER ADDRESS..." for each that it discovers, until it is killed.
import './polyfill.mjs'
import { mdns } from '@libp2p/mdns'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'

const [serviceTag, listen] = process.argv.slice(2)

const node = await createLibp2p({
  start: false,
  addresses: { listen: [listen] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  peerDiscovery: [mdns({ serviceTag, interval: 1000 })]
})
node.addEventListener('peer:discovery', ({ detail }) => {
  console.log(['found', detail.id, ...detail.multiaddrs].join(' '))
})
await node.start()
console.log(`ready ${node.peerId}`)
