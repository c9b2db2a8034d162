package stack

import (
	"context"
	"fmt"
	"net"
	"sync"
)

// Relay stands between a program and a server, both on this machine, and passes on what they send each other until it
// is cut. Neither notices it before.
type Relay struct {
	// Address is where the program connects to, in place of the server's own address.
	Address string

	target   string
	listener net.Listener
	dial     context.Context
	stop     context.CancelFunc
	busy     sync.WaitGroup

	mu       sync.Mutex
	refusing bool
	passing  chan struct{} // closed while anything gets through
	open     map[net.Conn]bool
}

// NewRelay starts a relay to a server's address (host:port).
func NewRelay(target string) (*Relay, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start a relay to %s: %w", target, err)
	}
	r := &Relay{
		Address: listener.Addr().String(), target: target, listener: listener,
		passing: make(chan struct{}), open: map[net.Conn]bool{},
	}
	close(r.passing)
	r.dial, r.stop = context.WithCancel(context.Background())
	r.busy.Go(r.serve)
	return r, nil
}

// Cut lets nothing through any more. Silent: what is sent disappears from sight until Heal, and connections neither
// open nor close. Otherwise those that are open are closed and new ones are closed at once.
func (r *Relay) Cut(silent bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusing = !silent
	r.passing = make(chan struct{})
	if r.refusing {
		r.closeAll()
	}
}

// Heal lets everything through again, also what has waited since a silent Cut.
func (r *Relay) Heal() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusing = false
	select {
	case <-r.passing:
	default:
		close(r.passing)
	}
}

// Close ends the relay and all its connections.
func (r *Relay) Close() error {
	r.stop()
	err := r.listener.Close()
	r.mu.Lock()
	r.refusing = true
	r.closeAll()
	r.mu.Unlock()
	r.busy.Wait()
	return err
}

func (r *Relay) closeAll() {
	for c := range r.open {
		_ = c.Close() // that it ends is all that is wanted
	}
	clear(r.open)
}

func (r *Relay) serve() {
	for {
		c, err := r.listener.Accept()
		if err != nil {
			return // closed
		}
		if r.keep(c) {
			r.busy.Go(func() { r.connect(c) })
		}
	}
}

// keep notes a connection to be closed with the others; false closes it, since none may be open.
func (r *Relay) keep(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refusing {
		_ = c.Close()
		return false
	}
	r.open[c] = true
	return true
}

func (r *Relay) drop(conns ...net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
		delete(r.open, c)
	}
}

// wait returns when something gets through; false when the relay has ended.
func (r *Relay) wait() bool {
	r.mu.Lock()
	passing := r.passing
	r.mu.Unlock()
	select {
	case <-passing:
		return true
	case <-r.dial.Done():
		return false
	}
}

func (r *Relay) connect(program net.Conn) {
	defer r.drop(program)
	if !r.wait() {
		return
	}
	server, err := (&net.Dialer{}).DialContext(r.dial, "tcp", r.target)
	if err != nil || !r.keep(server) {
		return
	}
	defer r.drop(server)
	back := make(chan struct{})
	go func() {
		defer close(back)
		r.pass(program, server)
	}()
	r.pass(server, program)
	<-back
}

// pass passes on what comes from one side, and its end.
func (r *Relay) pass(to, from net.Conn) {
	defer r.drop(to, from)
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if !r.wait() {
			return
		}
		if _, failed := to.Write(buffer[:n]); failed != nil || err != nil {
			return
		}
	}
}
