package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

func TestUpWithoutManager(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := run(t, dir, nil, "--without-manager", "--time-scale", "0")
	r.await("ready\n")
	if got := r.out.String(); got != "sandbox ready\n" {
		t.Errorf("stdout is %q", got)
	}
	env := r.env()
	for _, name := range []string{"KUBECONFIG", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION",
		"SANDBOX_LICENSE_SECRET_ARN", "SANDBOX_REGISTRY_SECRET_ARN", "SANDBOX_REDIS_SECRET_ARN", "SANDBOX_LOG_BUCKET", "SANDBOX_CERTIFICATE_ARN", "SANDBOX_VPC_ID"} {
		if env[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
	tryKubernetes(t, env)
	tryAWS(t, env)

	second := run(t, dir, nil, "--without-manager")
	if second.exit() == 0 || !strings.Contains(second.err.String(), "another sandbox runs in "+dir) {
		t.Errorf("a second sandbox in the same directory said %q", second.err.String())
	}

	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := r.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	r.noneLeft()
	if left := files(t, dir); !slices.Equal(left, []string{"mine"}) {
		t.Errorf("files left: %v", left)
	}
}

func tryKubernetes(t *testing.T, env map[string]string) {
	t.Helper()
	cfg, err := clientcmd.BuildConfigFromFlags("", env["KUBECONFIG"])
	if err != nil {
		t.Fatal(err)
	}
	kube, err := newClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := kube.List(t.Context(), &v1alpha1.PortkeyGatewayList{}); err != nil {
		t.Error(err)
	}
	kubectl := exec.Command(filepath.Join(os.Getenv(assetsVariable), "kubectl"), "auth", "can-i", "*", "*", "--cache-dir="+t.TempDir())
	kubectl.Env = append(os.Environ(), "KUBECONFIG="+env["KUBECONFIG"])
	if out, err := kubectl.CombinedOutput(); err != nil || !strings.Contains(string(out), "yes") {
		t.Errorf("kubectl: %v: %s", err, out)
	}
}

func tryAWS(t *testing.T, env map[string]string) {
	t.Helper()
	ctx := t.Context()
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(env["AWS_REGION"]), config.WithBaseEndpoint(env["AWS_ENDPOINT_URL"]),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], "")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil); err != nil {
		t.Error(err)
	}
	check := func() {
		t.Helper()
		secrets := secretsmanager.NewFromConfig(cfg)
		for _, name := range []string{"SANDBOX_LICENSE_SECRET_ARN", "SANDBOX_REGISTRY_SECRET_ARN"} {
			if _, err := secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: aws.String(env[name])}); err != nil {
				t.Error(err)
			}
		}
		if _, err := s3.NewFromConfig(cfg).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String(env["SANDBOX_LOG_BUCKET"])}); err != nil {
			t.Error(err)
		}
	}
	check()
	answer, err := http.Post(env["AWS_ENDPOINT_URL"]+"/_emulator/reset", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	check() // a reset leads back to what was seeded, with the same ARNs
}

func TestUpWithManager(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "dir with 'quotes'")
	r := run(t, dir, []string{"AWS_PROFILE=of-the-user", "AWS_ENDPOINT_URL_EC2=http://real.example"}, "--apply", "../../config/samples/minimal.yaml", "--watch")
	r.await("Ctrl-C ends everything")
	for _, want := range []string{
		"sandbox ready\n", "NetworkReady         Reconciled", "Ready                Reconciled: all 2 objects",
		"portkey-gateway is Ready after", "http://lb.example", "kubectl delete pkgw portkey-gateway", `new/dir with '\''quotes'\''/env'`,
	} {
		if !strings.Contains(r.out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, r.out.String())
		}
	}
	log, err := os.ReadFile(filepath.Join(dir, managerLogFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"I am system:serviceaccount:portkey-ecs-operator-system:portkey-ecs-operator-controller-manager",
		"listing secrets: forbidden", "AWS_PROFILE: \n", "AWS_ENDPOINT_URL_EC2: \n", "AWS_REGION: us-east-1\n",
	} {
		if !strings.Contains(string(log), want) {
			t.Errorf("%q is missing in the manager's log:\n%s", want, log)
		}
	}
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := r.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	r.noneLeft()
	if exists(filepath.Dir(dir)) {
		t.Error("the directory is left, though the sandbox had made it")
	}
}

func TestManagerEnds(t *testing.T) {
	dir := t.TempDir()
	r := run(t, dir, []string{"FAKE_MANAGER=ends"}, "--apply", "../../config/samples/minimal.yaml", "--watch")
	if code := r.exit(); code != 1 {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"THE MANAGER HAS ENDED", "these are my last words", "The manager's log is kept: " + filepath.Join(dir, managerLogFile)} {
		if !strings.Contains(r.err.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
	r.noneLeft()
	if left := files(t, dir); !slices.Equal(left, []string{managerLogFile}) {
		t.Errorf("files left: %v", left)
	}
}

func TestNotReadyInTime(t *testing.T) {
	r := run(t, t.TempDir(), []string{"FAKE_MANAGER=idle"}, "--apply", "../../config/samples/minimal.yaml", "--watch", "--timeout", "1s")
	if code := r.exit(); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(r.err.String(), "not Ready after 1s\ndefault/portkey-gateway: it has no conditions") {
		t.Error("it doesn't say why")
	}
	r.noneLeft()
}

func TestStartFailsHalfWay(t *testing.T) {
	dir := t.TempDir()
	installed, assets := os.Getenv(assetsVariable), t.TempDir()
	for _, name := range []string{"etcd", "kubectl"} {
		if err := os.Symlink(filepath.Join(installed, name), filepath.Join(assets, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(assets, "kube-apiserver"), []byte("#!/bin/sh\necho no luck today >&2\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	r := run(t, dir, []string{assetsVariable + "=" + assets}, "--without-manager")
	if code := r.exit(); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if said := r.err.String(); !strings.Contains(said, "kube-apiserver has ended (exit status 1)") || !strings.Contains(said, "no luck today") {
		t.Error("it doesn't say why")
	}
	r.noneLeft()
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("files left: %v", left)
	}
}

func TestInterruptedStart(t *testing.T) {
	dir := t.TempDir()
	r := run(t, dir, nil, "--without-manager")
	for len(processes(dir+"/"+stateDir)) < 2 && runtime.GOOS == "linux" { // etcd runs, and kube-apiserver
		time.Sleep(10 * time.Millisecond)
	}
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := r.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	r.noneLeft()
	if left := files(t, dir); len(left) > 0 || r.out.String() != "" {
		t.Errorf("files left: %v; stdout %q", left, r.out.String())
	}
}

func TestKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends the children of a killed process")
	}
	dir := t.TempDir()
	r := run(t, dir, []string{"FAKE_MANAGER=idle"})
	r.await("sandbox ready")
	if n := len(processes(dir)); n != 4 {
		t.Errorf("%d processes: want the sandbox, etcd, kube-apiserver and the manager", n)
	}
	if err := r.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	r.exit()
	r.noneLeft()
	// The files stay, and are in nobody's way.
	again := run(t, dir, nil, "--without-manager")
	again.await("sandbox ready")
}
