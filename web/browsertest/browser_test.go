package browsertest_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// programs are the names that Chromium has.
var programs = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// newBrowser starts a Chromium that ends with the test, so that tests share neither cookies nor storage. It skips the test where there
// is none.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	if os.Getenv("WEB_TEST") == "" {
		t.Skip("the tests in a browser run with make web-test")
	}
	program := findBrowser()
	switch {
	case program == "" && os.Getenv("CI") == "true":
		t.Fatal("there is no Chromium")
	case program == "":
		t.Skip("NOTE: there is no Chromium, so nothing is tested in a browser")
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options(program, t.TempDir())...)
	t.Cleanup(stop)
	quiet := chromedp.WithErrorf(func(string, ...any) {}) // it complains of events that it does not know
	ctx, cancel := chromedp.NewContext(allocator, quiet)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("the browser did not end well: %v", err)
		}
		cancel()
	})
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("the browser does not start: %v", err)
	}
	return ctx
}

func findBrowser() string {
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func options(program, data string) []chromedp.ExecAllocatorOption {
	list := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.UserDataDir(data), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.NoSandbox,
		chromedp.Headless, chromedp.DisableGPU, chromedp.WSURLReadTimeout(2 * time.Minute), chromedp.WindowSize(1280, 900),
	}
	for _, name := range []string{
		"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-extensions",
		"disable-dev-shm-usage", "mute-audio", "disable-default-apps",
		"use-fake-device-for-media-stream", "use-fake-ui-for-media-stream",
		// A tab is as awake behind the others as in front.
		"disable-background-timer-throttling", "disable-backgrounding-occluded-windows", "disable-renderer-backgrounding",
	} {
		list = append(list, chromedp.Flag(name, true))
	}
	return append(list, chromedp.Flag("force-color-profile", "srgb"))
}
