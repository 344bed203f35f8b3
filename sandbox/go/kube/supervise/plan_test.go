package supervise

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func pemOf(server *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}

func read(t *testing.T, content string) (*Plan, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plan.json")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return ReadPlan(file)
}

func TestDefaults(t *testing.T) {
	plan, err := read(t, `{"mounts": [{"kind": "tmpfs", "target": "/run"}], "programs": [{"name": "a", "command": ["/a"], "log": "/a.log"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	if plan.StopSeconds != 2 || plan.Mounts[0].Mode != "0755" || plan.Programs[0].Directory != "/" {
		t.Fatalf("%+v", plan)
	}
}

func TestFaults(t *testing.T) {
	program := func(fields string) string {
		return `{"programs": [{"name": "a", "command": ["/a"], "log": "/a.log"` + fields + `}]}`
	}
	mount := func(fields string) string {
		return `{"mounts": [{` + fields + `}], "programs": [{"name": "a", "command": ["/a"], "log": "/a.log"}]}`
	}
	for content, fault := range map[string]string{
		`{`:                           "unexpected EOF",
		`{"programs": []}`:            "there is nothing to run",
		program(`, "comand": []`):     `unknown field "comand"`,
		program(`, "name": "a b"`):    "must be letters",
		program(`, "command": ["a"]`): "absolute path",
		program(`, "log": "a.log"`):   "not an absolute path",
		program(`, "after": [{}]`):    "exactly one of tcp, url, file and socket must be set, not 0",
		program(`, "after": [{"tcp": "a:1", "file": "/a"}]`):                            "not 2 of them",
		program(`, "after": [{"url": "ftp://a"}]`):                                      "neither http nor https",
		program(`, "after": [{"url": "http://a", "caFile": "/ca"}]`):                    "only for an https url",
		program(`, "after": [{"url": "https://a", "certFile": "/c"}]`):                  "given together",
		mount(`"kind": "bind", "target": "/a"`):                                         "source",
		mount(`"kind": "bind", "source": "/b", "target": "a"`):                          "target",
		mount(`"kind": "tmpfs", "target": "/a", "mode": "rwx"`):                         "not octal",
		mount(`"kind": "tmpfs", "target": "/a", "readOnly": true`):                      "readOnly is only",
		mount(`"kind": "propagation", "target": "/", "propagation": "up"`):              "must be private, slave",
		mount(`"kind": "bind", "source": "/b", "target": "/a", "propagation": "slave"`): "a step of its own",
		mount(`"kind": "overlay", "target": "/a"`):                                      `kind is "overlay"`,
		`{"stopSeconds": 61, "programs": [{"name": "a", "command": ["/a"], "log": "/a.log"}, {"name": "a", "command": ["/a"], "log": "/a.log"}]}`: `the name "a" is used twice`,
	} {
		if _, err := read(t, content); err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%s\n  gave %v\n  expected %q", content, err, fault)
		}
	}
}
