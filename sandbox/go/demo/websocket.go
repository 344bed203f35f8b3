package main

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
)

// webSocketGUID is what a server puts behind a client's key to prove that it speaks WebSocket (RFC 6455, 1.3).
const webSocketGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// longestFrame is the longest payload of a frame that is echoed.
const longestFrame = 64 << 10

const (
	opcodeClose = 0x8
	opcodePing  = 0x9
	opcodePong  = 0xA
)

// wantsWebSocket tells whether a request asks for WebSocket, which HTTP/1.1 alone can be left for.
func wantsWebSocket(r *http.Request) bool {
	return r.ProtoMajor == 1 && strings.EqualFold(r.Header.Get("Upgrade"), "websocket") && r.Header.Get("Sec-WebSocket-Key") != ""
}

// upgrade answers with 101 and echoes frames until the client closes, or there is no more time.
func (a *app) upgrade(w http.ResponseWriter, r *http.Request) {
	accept := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + webSocketGUID))
	w.Header().Set("Connection", "Upgrade")
	w.Header().Set("Upgrade", "websocket")
	w.Header().Set("Sec-WebSocket-Accept", base64.StdEncoding.EncodeToString(accept[:]))
	w.Header().Set("x-version", a.version)
	w.WriteHeader(http.StatusSwitchingProtocols)
	connection, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // the client has gone
	}
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-a.stopping:
		case <-done:
		}
		_ = connection.Close()
	}()
	_ = echo(connection, buffered.Reader) // the client has closed, or gone
}

// echo sends each frame back as it came, without its mask, and answers pings.
func echo(connection net.Conn, reader *bufio.Reader) error {
	for {
		first, payload, err := readWebSocketFrame(reader)
		if err != nil {
			return err
		}
		if first&0x0F == opcodePing {
			first = first&0xF0 | opcodePong
		}
		if _, err := connection.Write(webSocketFrame(first, payload)); err != nil {
			return err
		}
		if first&0x0F == opcodeClose {
			return nil
		}
	}
}

// readWebSocketFrame returns a frame's first byte, with its flags and opcode, and what it says.
func readWebSocketFrame(reader *bufio.Reader) (byte, []byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(reader, head[:]); err != nil {
		return 0, nil, err
	}
	if head[1]&0x80 == 0 {
		return 0, nil, errors.New("a client's frame has no mask")
	}
	length := uint64(head[1] & 0x7F)
	switch length {
	case 126:
		var more [2]byte
		if _, err := io.ReadFull(reader, more[:]); err != nil {
			return 0, nil, err
		}
		length = uint64(binary.BigEndian.Uint16(more[:]))
	case 127:
		var more [8]byte
		if _, err := io.ReadFull(reader, more[:]); err != nil {
			return 0, nil, err
		}
		length = binary.BigEndian.Uint64(more[:])
	}
	if length > longestFrame {
		return 0, nil, errors.New("a frame is too long")
	}
	var mask [4]byte
	if _, err := io.ReadFull(reader, mask[:]); err != nil {
		return 0, nil, err
	}
	payload := make([]byte, length)
	if _, err := io.ReadFull(reader, payload); err != nil {
		return 0, nil, err
	}
	for i := range payload {
		payload[i] ^= mask[i%4]
	}
	return head[0], payload, nil
}

// webSocketFrame is one of a server's, which have no mask.
func webSocketFrame(first byte, payload []byte) []byte {
	head := []byte{first}
	switch n := len(payload); {
	case n < 126:
		head = append(head, byte(n))
	case n <= 0xFFFF:
		head = binary.BigEndian.AppendUint16(append(head, 126), uint16(n))
	default:
		head = binary.BigEndian.AppendUint64(append(head, 127), uint64(n))
	}
	return append(head, payload...)
}
