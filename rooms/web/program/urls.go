package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"

	"github.com/anchor-os/anchor/program/pid1"
)

const longestURL = 2048

// takeURL takes a line with a URL, and answers with a line. A room that shows pages would open it; this
// one writes it to the log. What comes from another room is no more to be trusted than what comes from the
// network.
func takeURL(connection net.Conn) {
	user, _ := pid1.PeerUser(connection)
	line, err := bufio.NewReader(io.LimitReader(connection, longestURL)).ReadString('\n')
	answer := "refused: no line of at most 2047 bytes"
	if err == nil {
		answer = judgeURL(strings.TrimSuffix(line, "\n"))
	}
	fmt.Printf("open-url: from uid %d: %s\n", user, answer)
	fmt.Fprintln(connection, "open-url:", answer)
}

// judgeURL says what is done about a URL. What is not one is quoted, so that nobody writes into the log
// what looks like a line of its own.
func judgeURL(text string) string {
	address, err := url.Parse(text)
	if err != nil || address.Scheme != "https" || address.Host == "" {
		return fmt.Sprintf("refused: %q is no https URL", text)
	}
	return "noted " + address.String()
}
