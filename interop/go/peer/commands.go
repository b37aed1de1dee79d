package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	"github.com/multiformats/go-multiaddr"
	"github.com/multiformats/go-multihash"
)

// A request with the parameters of all commands; each uses some.
type request struct {
	ID       int    `json:"id"`
	Command  string `json:"command"`
	Peer     string `json:"peer"`
	Address  string `json:"address"`
	Protocol string `json:"protocol"`
	Streams  int    `json:"streams"`
	Bytes    int64  `json:"bytes"`
	Key      string `json:"key"`   // a multihash in hexadecimal
	Count    int    `json:"count"` // providers wanted
}

type command func(*state, context.Context, request, peer.ID) (any, error)

var commands = map[string]command{
	"dial":          (*state).dial,
	"connection":    (*state).connection,
	"connections":   (*state).connections,
	"identified":    (*state).identifiedAs,
	"ping":          (*state).ping,
	"echo":          (*state).echo,
	"digest":        (*state).digest,
	"greet":         (*state).greet,
	"provokeReset":  (*state).provokeReset,
	"refused":       (*state).refused,
	"abandon":       (*state).abandon,
	"open":          (*state).open,
	"serveEcho":     (*state).serveEcho,
	"close":         (*state).closeAll,
	"provide":       (*state).provide,
	"findProviders": (*state).findProviders,
	"findPeer":      (*state).findPeer,
	"table":         (*state).table,
}

func (s *state) perform(ctx context.Context, r request) (any, error) {
	do, ok := commands[r.Command]
	if !ok {
		return nil, fmt.Errorf("no such command: %s", r.Command)
	}
	var id peer.ID
	if r.Peer != "" {
		var err error
		if id, err = peer.Decode(r.Peer); err != nil {
			return nil, err
		}
	}
	return do(s, ctx, r, id)
}

// ---- connections ----

func (s *state) dial(ctx context.Context, r request, _ peer.ID) (any, error) {
	address, err := multiaddr.NewMultiaddr(r.Address)
	if err != nil {
		return nil, err
	}
	info, err := peer.AddrInfoFromP2pAddr(address)
	if err != nil {
		return nil, err
	}
	if err := s.host.Connect(ctx, *info); err != nil {
		return nil, err
	}
	return object{"peer": info.ID.String()}, nil
}

// What is known of the one connection to the peer.
func (s *state) connection(_ context.Context, _ request, id peer.ID) (any, error) {
	open := s.host.Network().ConnsToPeer(id)
	if len(open) != 1 {
		return nil, fmt.Errorf("%d connections to %s", len(open), id)
	}
	at := open[0].ConnState()
	return object{
		"encryption":    string(at.Security),
		"multiplexer":   string(at.StreamMultiplexer),
		"transport":     at.Transport,
		"early":         at.UsedEarlyMuxerNegotiation,
		"direction":     open[0].Stat().Direction.String(),
		"remoteAddress": open[0].RemoteMultiaddr().String(),
	}, nil
}

func (s *state) connections(context.Context, request, peer.ID) (any, error) {
	return object{"count": len(s.host.Network().Conns())}, nil
}

// What identify told of the peer, and what is known of it by now; nil if it has not told yet.
func (s *state) identifiedAs(_ context.Context, _ request, id peer.ID) (any, error) {
	s.mutex.Lock()
	told, ok := s.identified[id]
	s.mutex.Unlock()
	if !ok {
		return nil, nil
	}
	protocols, err := s.host.Peerstore().GetProtocols(id)
	if err != nil {
		return nil, err
	}
	observed := ""
	if told.ObservedAddr != nil {
		observed = told.ObservedAddr.String()
	}
	return object{
		"agent":        told.AgentVersion,
		"protocols":    protocols,
		"addresses":    told.ListenAddrs,
		"observed":     observed,
		"signedRecord": told.SignedPeerRecord != nil,
	}, nil
}

func (s *state) ping(ctx context.Context, _ request, id peer.ID) (any, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	result := <-ping.Ping(ctx, s.host, id)
	if result.Error != nil {
		return nil, result.Error
	}
	return object{"millis": float64(result.RTT.Microseconds()) / 1000}, nil
}

func (s *state) closeAll(_ context.Context, _ request, id peer.ID) (any, error) {
	return object{}, s.host.Network().ClosePeer(id)
}

// ---- streams ----

func (s *state) newStream(ctx context.Context, id peer.ID, of protocol.ID) (network.Stream, error) {
	stream, err := s.host.NewStream(ctx, id, of)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	return stream, stream.SetDeadline(deadline)
}

func (s *state) open(ctx context.Context, r request, id peer.ID) (any, error) {
	stream, err := s.newStream(ctx, id, protocol.ID(r.Protocol))
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	// The negotiation is lazy: its outcome comes with the first read.
	if _, err := stream.Read(make([]byte, 1)); err != nil {
		return nil, err
	}
	return object{"protocol": string(stream.Protocol())}, nil
}

func (s *state) serveEcho(_ context.Context, r request, _ peer.ID) (any, error) {
	serve(s.host, protocol.ID(r.Protocol), echoBack)
	return object{}, nil
}

// Sends bytes on so many streams at once and counts what comes back.
func (s *state) echo(ctx context.Context, r request, id peer.ID) (any, error) {
	results := make(chan any, r.Streams)
	failures := make(chan error, r.Streams)
	for range r.Streams {
		go func() {
			result, err := s.echoOnce(ctx, id, r.Bytes)
			results <- result
			failures <- err
		}()
	}
	var all []any
	var failed []error
	for range r.Streams {
		all = append(all, <-results)
		failed = append(failed, <-failures)
	}
	return all, errors.Join(failed...)
}

func (s *state) echoOnce(ctx context.Context, id peer.ID, bytes int64) (any, error) {
	stream, err := s.newStream(ctx, id, echoID)
	if err != nil {
		return nil, err
	}
	sent, received := newTally(), newTally()
	writing := make(chan error, 1)
	go func() {
		writing <- errors.Join(writeRandom(stream, bytes, sent), stream.CloseWrite())
	}()
	readErr := readAll(stream, received)
	if err := errors.Join(<-writing, readErr); err != nil {
		_ = stream.Reset()
		return nil, err
	}
	return object{"sent": sent.summary(), "received": received.summary()}, stream.Close()
}

// Sends, ends its own side, and only then reads.
func (s *state) digest(ctx context.Context, r request, id peer.ID) (any, error) {
	stream, err := s.newStream(ctx, id, digestID)
	if err != nil {
		return nil, err
	}
	sent := newTally()
	if err := errors.Join(writeRandom(stream, r.Bytes, sent), stream.CloseWrite()); err != nil {
		return nil, err
	}
	answer, err := readText(stream)
	return object{"sent": sent.summary(), "answer": answer}, errors.Join(err, stream.Close())
}

// Waits for the remote to end its side, and only then sends.
func (s *state) greet(ctx context.Context, r request, id peer.ID) (any, error) {
	stream, err := s.newStream(ctx, id, greetID)
	if err != nil {
		return nil, err
	}
	greeting, err := readText(stream)
	if err != nil {
		return nil, err
	}
	sent := newTally()
	err = errors.Join(writeRandom(stream, r.Bytes, sent), stream.Close())
	return object{"greeting": greeting, "sent": sent.summary()}, err
}

// Sends until the remote resets the stream.
func (s *state) provokeReset(ctx context.Context, _ request, id peer.ID) (any, error) {
	stream, err := s.newStream(ctx, id, resetID)
	if err != nil {
		return nil, err
	}
	writing := writeRandom(stream, 1<<40, newTally())
	reading := readAll(stream, newTally())
	return object{"writing": describe(writing), "reading": describe(reading)}, nil
}

// Opens a stream that the remote resets at once, with a code.
func (s *state) refused(ctx context.Context, _ request, id peer.ID) (any, error) {
	stream, err := s.newStream(ctx, id, refuseID)
	if err != nil {
		return nil, err
	}
	if _, err := stream.Write([]byte{0}); err != nil {
		return nil, err
	}
	reading := readAll(stream, newTally())
	return object{"reading": describe(reading), "code": resetCode(reading)}, nil
}

// Resets its own stream when some of the echo has come back.
func (s *state) abandon(ctx context.Context, r request, id peer.ID) (any, error) {
	stream, err := s.newStream(ctx, id, echoID)
	if err != nil {
		return nil, err
	}
	received := newTally()
	go func() { _ = writeRandom(stream, 1<<40, newTally()) }()
	for received.bytes < r.Bytes {
		if err := readSome(stream, received); err != nil {
			return nil, err
		}
	}
	return object{}, stream.Reset()
}

// ---- DHT ----

func key(r request) (cid.Cid, error) {
	bytes, err := hex.DecodeString(r.Key)
	if err != nil {
		return cid.Undef, err
	}
	hash, err := multihash.Cast(bytes)
	if err != nil {
		return cid.Undef, err
	}
	return cid.NewCidV1(cid.Raw, hash), nil
}

func (s *state) provide(ctx context.Context, r request, _ peer.ID) (any, error) {
	key, err := key(r)
	if err != nil {
		return nil, err
	}
	return object{}, s.kad.Provide(ctx, key, true)
}

func (s *state) findProviders(ctx context.Context, r request, _ peer.ID) (any, error) {
	key, err := key(r)
	if err != nil {
		return nil, err
	}
	found := []any{}
	for provider := range s.kad.FindProvidersAsync(ctx, key, r.Count) {
		found = append(found, object{"id": provider.ID.String(), "addresses": provider.Addrs})
	}
	return found, nil
}

func (s *state) findPeer(ctx context.Context, _ request, id peer.ID) (any, error) {
	info, err := s.kad.FindPeer(ctx, id)
	if err != nil {
		return nil, err
	}
	return object{"id": info.ID.String(), "addresses": info.Addrs}, nil
}

// Who is in the routing table.
func (s *state) table(context.Context, request, peer.ID) (any, error) {
	peers := []string{}
	for _, id := range s.kad.RoutingTable().ListPeers() {
		peers = append(peers, id.String())
	}
	slices.Sort(peers)
	return object{"peers": peers}, nil
}
