package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// The protocols of InteropProtocols in the tests.
const (
	echoID   protocol.ID = "/interop/echo/1.0.0"
	digestID protocol.ID = "/interop/digest/1.0.0"
	greetID  protocol.ID = "/interop/greet/1.0.0"
	resetID  protocol.ID = "/interop/reset/1.0.0"
	refuseID protocol.ID = "/interop/refuse/1.0.0"
)

const (
	resetAfterBytes                         = 100_000
	refusalCode     network.StreamErrorCode = 0x1003 // rate limited
	pieceBytes                              = 64 << 10
)

// Counts and hashes bytes.
type tally struct {
	bytes int64
	hash  hash.Hash
}

func newTally() *tally { return &tally{hash: sha256.New()} }

func (t *tally) Write(data []byte) (int, error) {
	t.bytes += int64(len(data))
	return t.hash.Write(data)
}

func (t *tally) summary() object {
	return object{"bytes": t.bytes, "sha256": hex.EncodeToString(t.hash.Sum(nil))}
}

func serveAll(node host.Host) {
	serve(node, echoID, echoBack)
	serve(node, digestID, func(stream network.Stream, taken *tally) error {
		if err := readAll(stream, taken); err != nil {
			return err
		}
		_, err := stream.Write([]byte(hex.EncodeToString(taken.hash.Sum(nil))))
		return err
	})
	serve(node, greetID, func(stream network.Stream, taken *tally) error {
		if _, err := stream.Write([]byte("hello")); err != nil {
			return err
		}
		return errors.Join(stream.CloseWrite(), readAll(stream, taken))
	})
	serve(node, resetID, func(stream network.Stream, taken *tally) error {
		for taken.bytes < resetAfterBytes {
			if err := readSome(stream, taken); err != nil {
				return err
			}
		}
		return errors.Join(errors.New("it was enough"), stream.Reset())
	})
	serve(node, refuseID, func(stream network.Stream, _ *tally) error {
		return errors.Join(errors.New("refused"), stream.ResetWithError(refusalCode))
	})
}

func serve(node host.Host, of protocol.ID, handler func(network.Stream, *tally) error) {
	node.SetStreamHandler(of, func(stream network.Stream) {
		taken := newTally()
		outcome := "ended"
		if err := handler(stream, taken); err != nil {
			outcome = describe(err)
			_ = stream.Reset()
		} else if err := stream.Close(); err != nil {
			outcome = describe(err)
		}
		served := taken.summary()
		served["event"], served["protocol"], served["outcome"] = "served", string(of), outcome
		say(served)
	})
}

func echoBack(stream network.Stream, taken *tally) error {
	_, err := io.CopyBuffer(onlyWriter{stream}, io.TeeReader(stream, taken), make([]byte, pieceBytes))
	return err
}

// Keeps io.Copy from looking for a shortcut.
type onlyWriter struct{ io.Writer }

// Reads until the remote ends its side.
func readAll(stream network.Stream, into *tally) error {
	_, err := io.CopyBuffer(onlyWriter{into}, stream, make([]byte, pieceBytes))
	return err
}

func readSome(stream network.Stream, into *tally) error {
	buffer := make([]byte, pieceBytes)
	count, err := stream.Read(buffer)
	_, _ = into.Write(buffer[:count])
	return err
}

func readText(stream network.Stream) (string, error) {
	text, err := io.ReadAll(io.LimitReader(stream, 1024))
	return string(text), err
}

// Sends random bytes as fast as the remote takes them.
func writeRandom(stream network.Stream, bytes int64, sent *tally) error {
	piece := make([]byte, pieceBytes)
	for sent.bytes < bytes {
		if _, err := rand.Read(piece); err != nil {
			return err
		}
		data := piece[:min(int64(len(piece)), bytes-sent.bytes)]
		if _, err := stream.Write(data); err != nil {
			return err
		}
		_, _ = sent.Write(data)
	}
	return nil
}

func describe(err error) string {
	switch {
	case err == nil:
		return "ended"
	case errors.Is(err, network.ErrReset):
		return "reset"
	default:
		return err.Error()
	}
}

// The code that a reset came with; -1 if the error is another.
func resetCode(err error) int64 {
	var reset *network.StreamError
	if errors.As(err, &reset) {
		return int64(reset.ErrorCode)
	}
	return -1
}
