package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

const (
	upstreamPatience = 2 * time.Second
	longestAnswer    = 256
)

// askUpstream sends the upstream a line and says what became of it.
func askUpstream(upstream, line string) string {
	answer, err := exchange(upstream, line)
	if err != nil {
		return fmt.Sprintf("%s gives no answer: %v", upstream, err)
	}
	return fmt.Sprintf("%s answers %q", upstream, answer)
}

// exchange sends a line and takes one, without its newline.
func exchange(upstream, line string) (string, error) {
	deadline := time.Now().Add(upstreamPatience)
	dialer := net.Dialer{Deadline: deadline}
	connection, err := dialer.Dial("tcp4", upstream)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	connection.SetDeadline(deadline)
	if _, err := fmt.Fprintln(connection, line); err != nil {
		return "", err
	}
	answer, err := bufio.NewReader(io.LimitReader(connection, longestAnswer)).ReadString('\n')
	return strings.TrimSuffix(answer, "\n"), err
}
