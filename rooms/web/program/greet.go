package main

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

// greet answers GET / with the greeting, for ever.
func greet(listener net.Listener, greeting string) error {
	server := http.Server{Handler: greeter(greeting), ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second}
	return fmt.Errorf("cannot greet any more: %w", server.Serve(listener))
}

func greeter(greeting string) http.Handler {
	pages := http.NewServeMux()
	pages.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, greeting)
	})
	return pages
}
