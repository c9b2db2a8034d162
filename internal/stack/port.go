package stack

import (
	"fmt"
	"net"
	"strconv"
	"sync"
)

var handedOut = struct {
	sync.Mutex
	ports map[int]bool
}{ports: map[int]bool{}}

// FreePort returns a loopback port on which nothing listens: the first of preferred that is free, else
// one the system picks. It never hands out the same port twice, but another program may take it before
// it is used, so who needs it to be certain tries again.
func FreePort(preferred ...int) (int, error) {
	handedOut.Lock()
	defer handedOut.Unlock()
	// The second half of the loop asks the system, which may repeat itself.
	for _, want := range append(preferred, make([]int, 100)...) {
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(want)))
		if err != nil {
			continue
		}
		port := listener.Addr().(*net.TCPAddr).Port
		if err := listener.Close(); err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		if !handedOut.ports[port] {
			handedOut.ports[port] = true
			return port, nil
		}
	}
	return 0, fmt.Errorf("find a free port: none on 127.0.0.1")
}
