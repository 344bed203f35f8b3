package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// settings is a program that exports what it knows of its run.
const settings = `
	const pulumi = require("@pulumi/pulumi");
	const config = new pulumi.Config();
	module.exports = {
		config: pulumi.runtime.allConfig(),
		plain: config.get("plain"),
		plainIsSecret: pulumi.runtime.isConfigSecret("project:plain"),
		secretKeys: process.env.PULUMI_CONFIG_SECRET_KEYS,
		tokenIsSecret: pulumi.runtime.isConfigSecret("project:token"),
		organization: pulumi.getOrganization(),
		project: pulumi.getProject(),
		stack: pulumi.getStack(),
		dryRun: pulumi.runtime.isDryRun(),
		parallel: process.env.PULUMI_NODEJS_PARALLEL,
		root: process.env.PULUMI_NODEJS_ROOT_DIRECTORY,
		folder: process.cwd(),
		args: process.argv.slice(2),
		typescript: process.env.PULUMI_NODEJS_TYPESCRIPT ?? "",
	};`

func TestProgramKnowsItsRun(t *testing.T) {
	h := startHost(t)
	dir := program(t, settings)
	request := h.request(dir)
	request.Config = map[string]string{"project:plain": "a \"b\"\n<c> ä", "project:token": "t", "other:key": "{}"}
	request.ConfigSecretKeys = []string{"project:token"}
	request.Args = []string{"--dry-run", "an argument"}
	request.Pwd = "/"
	request.Info.RootDirectory = "/"
	want := map[string]any{
		"config": map[string]any{"project:plain": "a \"b\"\n<c> ä", "project:token": "t", "other:key": "{}"},
		"plain":  "a \"b\"\n<c> ä", "plainIsSecret": false, "tokenIsSecret": true, "secretKeys": `["project:token"]`,
		"organization": "organization", "project": "project", "stack": "stack", "dryRun": false, "parallel": "7",
		"root": "/", "folder": dir, "args": []any{"--dry-run", "an argument"}, "typescript": "",
	}
	if outputs := h.succeed(request); fmt.Sprint(outputs) != fmt.Sprint(want) {
		t.Errorf("%v\n%v", outputs, want)
	}
}

func TestPreviewWithoutConfig(t *testing.T) {
	h := startHost(t)
	request := h.request(program(t, settings))
	request.DryRun = true
	outputs := h.succeed(request)
	if outputs["dryRun"] != true || len(outputs["config"].(map[string]any)) != 0 || outputs["secretKeys"] != "[]" {
		t.Error(outputs)
	}
}

func TestOutput(t *testing.T) {
	h := startHost(t)
	h.succeed(h.request(program(t, `console.log("to stdout"); console.error("to stderr"); process.stdout.write("x".repeat(200000) + "end")`)))
	if h.stdout.line("to stdout") != "" || !strings.Contains(h.stdout.String(), "to stdout\n") || !strings.HasSuffix(h.stdout.String(), "xend") {
		t.Error("stdout lacks something")
	}
	contains(t, h.stderr.String(), "to stderr\n")
	if n := strings.Count(h.stdout.String(), "x"); n != 200000 {
		t.Errorf("%d of 200000 bytes", n)
	}
}

func TestHostsOutputStaysBlocking(t *testing.T) {
	h := startHost(t)
	h.begin(program(t, `console.error("to stderr");`+endless))
	for _, file := range []string{"1", "2"} {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%s", h.process.Process.Pid, file))
		var flags int
		if _, scan := fmt.Sscanf(string(status), "pos:\t0\nflags:\t%o", &flags); scan != nil || err != nil || flags&syscall.O_NONBLOCK != 0 {
			t.Errorf("%s: %v %v", status, err, scan)
		}
	}
}

func TestOptions(t *testing.T) {
	h := startHost(t)
	dir := folder(t, map[string]string{
		"main.ts":           `const greeting: string = (globalThis as any).greeting; export = { greeting, tsconfig: (globalThis as any).process.env.PULUMI_NODEJS_TSCONFIG_PATH }`,
		"a preload.js":      `globalThis.greeting = "hello"`,
		"package.json":      `{"name": "program"}`,
		"tsconfig.own.json": `{"compilerOptions": {"module": "commonjs", "moduleResolution": "node10", "ignoreDeprecations": "6.0", "types": []}}`,
	})
	link(t, repositoryModules(t), filepath.Join(dir, "node_modules"))
	request := h.request(dir)
	request.Info.EntryPoint = "main.ts"
	with(request.Info, "typescript", true)
	with(request.Info, "tsconfig", "tsconfig.own.json")
	with(request.Info, "nodeargs", `--max-old-space-size=1000 --require "./a preload.js"`)
	outputs := h.succeed(request)
	if outputs["greeting"] != "hello" || outputs["tsconfig"] != "tsconfig.own.json" {
		t.Error(outputs)
	}
}

func TestTypeScriptIsTheDefault(t *testing.T) {
	h := startHost(t)
	request := h.request(program(t, settings))
	request.Info.Options = nil
	if outputs := h.succeed(request); outputs["typescript"] != "true" {
		t.Error(outputs)
	}
}

func TestProgramBelowAWorkspaceRoot(t *testing.T) {
	h := startHost(t)
	root := program(t, "")
	dir := filepath.Join(root, "packages", "app")
	write(t, filepath.Join(dir, "index.js"), settings)
	write(t, filepath.Join(dir, "package.json"), `{"name": "app"}`)
	elsewhere := filepath.Join(t.TempDir(), "link")
	link(t, dir, elsewhere)
	for _, dir := range []string{dir, elsewhere} {
		outputs := h.succeed(h.request(dir))
		if target, err := filepath.EvalSymlinks(dir); err != nil || outputs["folder"] != target {
			t.Error(outputs, err)
		}
	}
}

// wrong declares an error without a stack: some versions of Node.js take half a minute to print the SDK's.
const wrong = `
	const wrong = new (require("@pulumi/pulumi").RunError)("this is wrong");
	wrong.stack = wrong.message;
	`

func TestHowProgramsEnd(t *testing.T) {
	h := startHost(t)
	for name, end := range map[string]struct {
		index string
		error string
		bail  bool
	}{
		"well":           {``, "", false},
		"by exit code 1": {`process.exit(1)`, "the program ended with exit status 1", false},
		"by exit code 3": {`process.on("exit", () => { process.exitCode = 3 })`, "the program ended with exit status 3", false},
		"by an error":    {`throw wrong`, "", true},
		"by a rejection": {`module.exports = async () => { throw wrong }`, "", true},
		"by a signal":    {`process.kill(process.pid, "SIGKILL")`, "the program ended with signal: killed", false},
		"by a crash":     {`process.abort()`, "the program ended with signal: aborted", false},
	} {
		t.Run(name, func(t *testing.T) {
			response := h.run(h.request(program(t, wrong+end.index)))
			if response.Error != end.error || response.Bail != end.bail {
				t.Error(response)
			}
		})
	}
	if n := h.engine.logged("ERROR this is wrong"); n != 2 {
		t.Errorf("the user was told %d of 2 errors: %q", n, h.engine.logs)
	}
}

func TestWhatCannotRun(t *testing.T) {
	h := startHost(t)
	whole := program(t, settings)
	bare := folder(t, map[string]string{"index.js": settings})
	old := folder(t, map[string]string{"index.js": settings, "node_modules/@pulumi/pulumi/package.json": `{"name": "@pulumi/pulumi"}`})
	option := func(name string, value any) *pulumirpc.RunRequest {
		request := h.request(whole)
		with(request.Info, name, value)
		return request
	}
	large := h.request(whole)
	large.Config = map[string]string{"project:plain": strings.Repeat("x", 5_000_000)}
	debugged := h.request(whole)
	debugged.AttachDebugger = true
	cases := map[string]*pulumirpc.RunRequest{
		"@pulumi/pulumi is not installed for " + bare + ": run `pulumi install`": h.request(bare),
		"is installed for " + old + " is too old":                                h.request(old),
		"the runtime's option typescript must be a bool, not yes":                option("typescript", "yes"),
		"the runtime's option tsconfig must be a string, not 1":                  option("tsconfig", 1),
		"the runtime's option nodeargs must be a string, not [a]":                option("nodeargs", []any{"a"}),
		`the runtime's option nodeargs, "--require 'a", is not a list of words`:  option("nodeargs", "--require 'a"),
		"Linux takes 128 KiB at most":                                            large,
		"attaches no debugger":                                                   debugged,
		"@pulumi/pulumi is not installed for : ":                                 {},
	}
	for _, message := range slices.Sorted(maps.Keys(cases)) {
		response := h.run(cases[message])
		contains(t, response.Error, message)
		if response.Bail {
			t.Error("the user has not been told: ", message)
		}
	}
}

func TestLargeConfig(t *testing.T) {
	h := startHost(t)
	request := h.request(program(t, `exports.length = new (require("@pulumi/pulumi").Config)().get("plain").length`))
	request.Config = map[string]string{"project:plain": strings.Repeat("x", 130_000)}
	if outputs := h.succeed(request); outputs["length"] != 130_000. {
		t.Error(outputs)
	}
}

func TestWithoutNode(t *testing.T) {
	h := startHost(t, "PATH="+t.TempDir())
	dir := program(t, settings)
	contains(t, h.run(h.request(dir)).Error, "there is no node on PATH: install Node.js")
	_, err := h.About(t.Context(), &pulumirpc.AboutRequest{Info: info(dir)})
	contains(t, fmt.Sprint(err), "there is no node on PATH: install Node.js")
}
