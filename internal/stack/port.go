package stack

import (
	"errors"
	"fmt"
	"math/rand/v2"
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

// Ports from lowest up to below highest are no system's choice for a connection's own end, so that what listens on one and
// ends finds it free again; and a membership port of Temporal must fit the smallint in which its schema keeps it.
const (
	lowest  = 20_000
	highest = 32_768
)

// lowPort returns a free port below 32768.
func lowPort() (int, error) {
	wish := make([]int, 200)
	for i := range wish {
		wish[i] = lowest + rand.IntN(highest-lowest)
	}
	port, err := FreePort(wish...)
	if err == nil && port >= highest {
		err = errors.New("find a free port below 32768: none of 200 was free")
	}
	return port, err
}
