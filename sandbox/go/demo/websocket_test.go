package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// webSocket asks a server for WebSocket, as RFC 6455 has it in its example.
func webSocket(t *testing.T, url, path string) (net.Conn, *bufio.Reader, *http.Response) {
	t.Helper()
	address := strings.TrimPrefix(url, "http://")
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	_ = connection.SetDeadline(time.Now().Add(5 * time.Second))
	fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", path, address)
	reader := bufio.NewReader(connection)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	return connection, reader, response
}

// masked is a client's frame.
func masked(first byte, payload []byte) []byte {
	whole := webSocketFrame(first, payload)
	head := len(whole) - len(payload)
	whole[1] |= 0x80
	mask := []byte{1, 2, 3, 4}
	out := append(append([]byte{}, whole[:head]...), mask...)
	for i, each := range payload {
		out = append(out, each^mask[i%4])
	}
	return out
}

func TestUpgradesToWebSocket(t *testing.T) {
	server, a := serve(t, "VERSION=2.0")
	connection, reader, response := webSocket(t, server.URL, "/any")
	if response.StatusCode != 101 || response.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" || response.Header.Get("x-version") != "2.0" {
		t.Fatalf("%d %v", response.StatusCode, response.Header)
	}
	for _, length := range []int{2, 300, longestFrame} {
		said := bytes.Repeat([]byte("x"), length)
		if _, err := connection.Write(masked(0x81, said)); err != nil {
			t.Fatal(err)
		}
		heard := make([]byte, len(webSocketFrame(0x81, said)))
		if _, err := io.ReadFull(reader, heard); err != nil || !bytes.Equal(heard, webSocketFrame(0x81, said)) {
			t.Fatalf("%d bytes: %v", length, err)
		}
	}
	_, _ = connection.Write(append(masked(0x89, []byte("p")), masked(0x88, nil)...))
	if rest, _ := io.ReadAll(reader); !bytes.Equal(rest, append(webSocketFrame(0x8A, []byte("p")), webSocketFrame(0x88, nil)...)) {
		t.Fatalf("%x", rest)
	}
	text := &bytes.Buffer{}
	a.metrics.write(text, a.version)
	if !strings.Contains(text.String(), `demo_requests_total{version="2.0",code="101"} 1`) {
		t.Fatal(text)
	}
}

func TestRefusesToUpgrade(t *testing.T) {
	server, _ := serve(t)
	if _, _, response := webSocket(t, server.URL, "/?error=100"); response.StatusCode != 500 {
		t.Fatal(response.StatusCode)
	}
	if response, _ := request(t, "GET", server.URL); response.StatusCode != 200 {
		t.Fatal("a request that does not ask for it must not be upgraded")
	}
}

func TestEndsConnectionsThatSayNonsense(t *testing.T) {
	server, _ := serve(t)
	for _, nonsense := range [][]byte{webSocketFrame(0x81, []byte("no mask")), masked(0x82, make([]byte, longestFrame+1))} {
		connection, reader, _ := webSocket(t, server.URL, "/")
		_, _ = connection.Write(nonsense)
		if rest, _ := io.ReadAll(reader); len(rest) != 0 {
			t.Fatalf("%x", rest)
		}
	}
}
