package main

import (
	"fmt"
	"os"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Tests run the host in a process of its own, as the engine does, and where the engine is killed that in another one: this
// test binary, called again.
const roleVariable = "LANGUAGE_HOST_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "host":
		os.Unsetenv(roleVariable)
		main()
	case "engine":
		listener, server := newEngine().listen()
		fmt.Println(listener.Addr())
		_ = server.Serve(listener)
	default:
		os.Exit(m.Run())
	}
}

func TestVersion(t *testing.T) {
	info, err := startHost(t).GetPluginInfo(t.Context(), &emptypb.Empty{})
	if err != nil || info.Version != "0.0.0-dev" {
		t.Fatal(info, err)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"--version"}, {"-v=3"}, {"engine"}, {"--tracing", "http://127.0.0.1/"}} {
		host := again("host", args...)
		text, err := host.CombinedOutput()
		if err == nil || host.ProcessState.ExitCode() != 1 {
			t.Errorf("%q: %v", args, err)
		}
		contains(t, string(text), "pulumi-language-nodejs [FLAG…] ENGINE-HOST:PORT")
	}
}

func TestGeneratesNoCode(t *testing.T) {
	h := startHost(t)
	for name, call := range map[string]func() error{
		"GenerateProgram": func() error {
			_, err := h.GenerateProgram(t.Context(), &pulumirpc.GenerateProgramRequest{})
			return err
		},
		"GenerateProject": func() error {
			_, err := h.GenerateProject(t.Context(), &pulumirpc.GenerateProjectRequest{})
			return err
		},
		"GeneratePackage": func() error {
			_, err := h.GeneratePackage(t.Context(), &pulumirpc.GeneratePackageRequest{})
			return err
		},
		"Pack": func() error { _, err := h.Pack(t.Context(), &pulumirpc.PackRequest{}); return err },
		"Link": func() error { _, err := h.Link(t.Context(), &pulumirpc.LinkRequest{}); return err },
	} {
		err := call()
		if status.Code(err) != codes.Unimplemented {
			t.Errorf("%s: %v", name, err)
		}
		contains(t, fmt.Sprint(err), name, "generates no code")
	}
}
