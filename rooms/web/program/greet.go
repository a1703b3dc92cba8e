package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/anchor-os/anchor/program/pid1"
)

// What everybody in the network together can make of this room's memory: guests at once, each with as many
// bytes of headers (and the 4096 that net/http adds), for so long. Who comes then waits in the kernel.
const (
	mostGuests  = 64
	mostHeaders = 4096
	patience    = 5 * time.Second
)

// greet answers GET / with the greeting, for ever.
func greet(listener net.Listener, greeting string) error {
	server := http.Server{
		Handler:        greeter(greeting),
		MaxHeaderBytes: mostHeaders,
		ReadTimeout:    patience,
		WriteTimeout:   patience,
		IdleTimeout:    patience,
	}
	return fmt.Errorf("cannot greet any more: %w", server.Serve(pid1.Limit(listener, mostGuests)))
}

func greeter(greeting string) http.Handler {
	pages := http.NewServeMux()
	pages.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, greeting)
	})
	return pages
}
