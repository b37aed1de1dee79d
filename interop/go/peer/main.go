// A go-libp2p peer that the interoperability tests drive:
//
//	peer [-agent NAME] [-security noise,tls] [-listen ADDRESS,...] [-kad server|client]
//
// It reads requests from stdin and writes answers and events to stdout, one JSON object a line:
//
//	-> {"id":1,"command":"ping","peer":"12D3..."}
//	<- {"id":1,"result":{...}}             or {"id":1,"error":{"message":"..."}}
//	<- {"event":"ready","peer":"...","addresses":["..."]}                       once, first of all
//	<- {"event":"served","protocol":"...","outcome":"...","bytes":1,"sha256":"..."}  when a stream that the
//	   remote opened is over; the outcome is "ended", or the error
//
// It ends when stdin does. The protocols it serves are those of serveAll, the commands those of commands.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	libp2ptls "github.com/libp2p/go-libp2p/p2p/security/tls"
)

const (
	limit     = 120 * time.Second
	kadPrefix = "/gvmi"
)

// What the process is, for all commands.
type state struct {
	host       host.Host
	kad        *dht.IpfsDHT // nil without -kad
	mutex      sync.Mutex
	identified map[peer.ID]event.EvtPeerIdentificationCompleted
}

type object = map[string]any

var out sync.Mutex

func say(message object) {
	line, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	out.Lock()
	defer out.Unlock()
	_, _ = os.Stdout.Write(append(line, '\n'))
}

func main() {
	agent := flag.String("agent", "interop-go", "what identify tells")
	security := flag.String("security", "noise,tls", "what it proposes and accepts, in its order")
	listen := flag.String("listen", "/ip4/127.0.0.1/tcp/0", "addresses")
	kad := flag.String("kad", "", "server or client: takes part in the DHT /gvmi/kad/1.0.0")
	flag.Parse()
	if err := run(*agent, *security, *listen, *kad); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(agent, security, listen, kad string) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	node, err := newHost(agent, security, listen)
	if err != nil {
		return err
	}
	defer node.Close()
	s := &state{host: node, identified: map[peer.ID]event.EvtPeerIdentificationCompleted{}}
	if err := s.watchIdentify(); err != nil {
		return err
	}
	if kad != "" {
		if s.kad, err = newKad(ctx, node, kad); err != nil {
			return err
		}
		defer s.kad.Close()
	}
	serveAll(node)
	say(object{"event": "ready", "peer": node.ID().String(), "addresses": fullAddresses(node)})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		go s.answer(append([]byte(nil), lines.Bytes()...))
	}
	return lines.Err()
}

func newHost(agent, security, listen string) (host.Host, error) {
	options := []libp2p.Option{
		libp2p.UserAgent(agent),
		libp2p.ListenAddrStrings(strings.Split(listen, ",")...),
		libp2p.ResourceManager(&unlimited),
		libp2p.DisableRelay(),
		libp2p.DisableMetrics(),
		// Both look for a way out to the internet.
		libp2p.DisableIdentifyAddressDiscovery(),
	}
	for _, name := range strings.Split(security, ",") {
		switch name {
		case "noise":
			options = append(options, libp2p.Security(noise.ID, noise.New))
		case "tls":
			options = append(options, libp2p.Security(libp2ptls.ID, libp2ptls.New))
		default:
			return nil, fmt.Errorf("no such security: %s", name)
		}
	}
	return libp2p.New(options...)
}

// The limits of go-libp2p are not what is tested.
var unlimited = network.NullResourceManager{}

func newKad(ctx context.Context, node host.Host, mode string) (*dht.IpfsDHT, error) {
	modes := map[string]dht.ModeOpt{"server": dht.ModeServer, "client": dht.ModeClient}
	chosen, ok := modes[mode]
	if !ok {
		return nil, fmt.Errorf("no such mode: %s", mode)
	}
	return dht.New(ctx, node, dht.ProtocolPrefix(kadPrefix), dht.Mode(chosen))
}

func fullAddresses(node host.Host) []string {
	full := []string{}
	for _, address := range node.Addrs() {
		full = append(full, fmt.Sprintf("%s/p2p/%s", address, node.ID()))
	}
	return full
}

func (s *state) watchIdentify() error {
	events, err := s.host.EventBus().Subscribe(new(event.EvtPeerIdentificationCompleted))
	if err != nil {
		return err
	}
	go func() {
		for e := range events.Out() {
			done := e.(event.EvtPeerIdentificationCompleted)
			s.mutex.Lock()
			s.identified[done.Peer] = done
			s.mutex.Unlock()
		}
	}()
	return nil
}

func (s *state) answer(line []byte) {
	var request request
	if err := json.Unmarshal(line, &request); err != nil {
		say(object{"id": request.ID, "error": object{"message": err.Error()}})
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), limit)
	defer stop()
	result, err := s.perform(ctx, request)
	if err != nil {
		say(object{"id": request.ID, "error": object{"message": err.Error()}})
		return
	}
	say(object{"id": request.ID, "result": result})
}
