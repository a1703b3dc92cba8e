package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/policy/names"
)

// The reports are what 'inspect --format json' prints: field names are stable,
// numbers of the kernel's come as its own words.

type policyReport struct {
	Digest       string            `json:"digest"`
	Size         int               `json:"size"`
	Architecture string            `json:"architecture"`
	Version      uint32            `json:"version"`
	Floor        uint32            `json:"floor"`
	CommandLine  string            `json:"command_line"` // whole, as a machine is booted with
	OnFailure    string            `json:"on_failure"`
	LandlockABI  uint32            `json:"landlock_abi"`
	SecureBoot   bool              `json:"secure_boot_required"`
	SettleMS     uint32            `json:"settle_ms"`
	WatchdogS    uint32            `json:"watchdog_s"`
	Filter       filterReport      `json:"seccomp"` // Bay0's own
	Invariants   []invariantReport `json:"invariants"`
	Rooms        []roomReport      `json:"rooms"`
}

// invariantReport is judged by what is not null.
type invariantReport struct {
	Path   string  `json:"path"`
	Text   *string `json:"text"`
	Min    *int64  `json:"min"`
	Max    *int64  `json:"max"`
	Absent bool    `json:"absent"`
}

type roomReport struct {
	Name             string           `json:"name"`
	Hostname         string           `json:"hostname"`
	Exec             []string         `json:"exec"`
	Environment      []string         `json:"environment"`
	WorkingDirectory string           `json:"working_directory"`
	UID              uint32           `json:"uid"`
	GID              uint32           `json:"gid"`
	Critical         bool             `json:"critical"`
	Notify           bool             `json:"notify"`
	StartTimeoutMS   uint32           `json:"start_timeout_ms"`
	StopTimeoutMS    uint32           `json:"stop_timeout_ms"`
	WatchdogMS       uint32           `json:"watchdog_ms"` // 0: none
	Capabilities     []string         `json:"capabilities"`
	OOMScoreAdj      int32            `json:"oom_score_adj"`
	After            []string         `json:"after"`
	Restart          restartReport    `json:"restart"`
	Log              logReport        `json:"log"`
	Groups           []uint32         `json:"groups"`
	Image            *imageReport     `json:"image"` // null: not bound
	Namespaces       []string         `json:"namespaces"`
	Cgroup           []settingReport  `json:"cgroup"`
	Rlimits          []rlimitReport   `json:"rlimits"`
	Mounts           []mountReport    `json:"mounts"`
	Binds            []bindReport     `json:"binds"`
	Files            []fileReport     `json:"files"`
	Sockets          []socketReport   `json:"sockets"`
	Landlock         []landlockReport `json:"landlock"`
	Ports            []portReport     `json:"tcp_ports"`
	Filter           filterReport     `json:"seccomp"`
}

type imageReport struct {
	Digest string `json:"digest"`
	Size   uint64 `json:"size"`
}

type restartReport struct {
	Mode       string `json:"mode"`
	DelayMS    uint32 `json:"delay_ms"`
	DelayMaxMS uint32 `json:"delay_max_ms"`
	Limit      uint32 `json:"limit"`
}

type logReport struct {
	Burst     uint32 `json:"burst"`
	PerSecond uint32 `json:"per_second"`
}

type fileReport struct {
	Target  string `json:"target"`
	Content string `json:"content"`
}

type socketReport struct {
	Name string `json:"name"`
	Path string `json:"path"`
	Type string `json:"type"`
	GID  uint32 `json:"gid"`
}

type portReport struct {
	Port   uint16   `json:"port"`
	Access []string `json:"access"`
}

type settingReport struct {
	File  string `json:"file"`
	Value string `json:"value"`
}

type rlimitReport struct {
	Resource string `json:"resource"`
	Soft     uint64 `json:"soft"`
	Hard     uint64 `json:"hard"`
}

type optionReport struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type mountReport struct {
	Target     string         `json:"target"`
	Type       string         `json:"type"`
	Attributes []string       `json:"attributes"`
	Options    []optionReport `json:"options"`
	Partition  string         `json:"partition,omitempty"`
}

type bindReport struct {
	Target     string   `json:"target"`
	Source     string   `json:"source"`
	Attributes []string `json:"attributes"`
	Device     string   `json:"device,omitempty"` // "major:minor", or "any"; empty: a socket
	GID        uint32   `json:"gid,omitempty"`    // whose members may use it; 0: everybody
}

type landlockReport struct {
	Path   string   `json:"path"`
	Access []string `json:"access"`
}

type filterReport struct {
	Instructions int    `json:"instructions"`
	SHA256       string `json:"sha256"`
}

func digestString(sum [32]byte) string { return "sha256:" + hex.EncodeToString(sum[:]) }

// reportPolicy reads a blob, and judges it.
func reportPolicy(b []byte) (*policyReport, error) {
	v, err := encode.Read(b)
	if err != nil {
		return nil, err
	}
	p, sum := encode.Policy(v), sha256.Sum256(b)
	report := &policyReport{
		Digest:       digestString(sum),
		Size:         len(b),
		Architecture: p.Arch.String(),
		Version:      p.Version,
		Floor:        p.Floor,
		CommandLine:  string(blob.AppendCommandLine(nil, v.CommandLine(), sum)),
		OnFailure:    p.OnFailure.String(),
		LandlockABI:  p.LandlockABI,
		SecureBoot:   p.SecureBoot,
		SettleMS:     p.Settle,
		WatchdogS:    p.Watchdog,
	}
	report.Filter = reportFilter(p.Filter)
	report.Invariants = each(p.Invariants, reportInvariant)
	for _, r := range p.Rooms {
		report.Rooms = append(report.Rooms, reportRoom(r))
	}
	return report, nil
}

func reportInvariant(i policy.Invariant) invariantReport {
	report := invariantReport{Path: i.Path}
	switch i.Kind {
	case abi.InvariantText:
		report.Text = &i.Text
	case abi.InvariantRange:
		report.Min, report.Max = &i.Min, &i.Max
	case abi.InvariantAbsent:
		report.Absent = true
	}
	return report
}

func reportRoom(r policy.Room) roomReport {
	report := roomReport{
		Name:             r.Name,
		Hostname:         r.Hostname,
		Exec:             r.Argv,
		Environment:      each(r.Environment, func(s string) string { return s }),
		WorkingDirectory: r.Directory,
		UID:              r.UID,
		GID:              r.GID,
		Critical:         r.Critical,
		Notify:           r.Notify,
		StartTimeoutMS:   r.StartTimeout,
		StopTimeoutMS:    r.StopTimeout,
		WatchdogMS:       r.Watchdog,
		Capabilities:     names.Capabilities(r.Capabilities),
		OOMScoreAdj:      r.OOMScoreAdj,
		After:            each(r.After, func(s string) string { return s }),
		Restart:          restartReport{names.Restart(r.Restart.Mode), r.Restart.Delay, r.Restart.DelayMax, r.Restart.Limit},
		Log:              logReport(r.Log),
		Groups:           each(r.Groups, func(gid uint32) uint32 { return gid }),
		Namespaces:       names.Namespaces(r.Namespaces),
		Cgroup:           each(r.Cgroup, func(s policy.Setting) settingReport { return settingReport(s) }),
		Rlimits: each(r.Rlimits, func(l abi.Rlimit) rlimitReport {
			return rlimitReport{names.Rlimit(l.Resource), l.Soft, l.Hard}
		}),
		Mounts: each(r.Mounts, reportMount),
		Binds:  each(r.Binds, reportBind),
		Files:  each(r.Files, func(f policy.File) fileReport { return fileReport(f) }),
		Sockets: each(r.Sockets, func(s policy.Socket) socketReport {
			return socketReport{s.Name, s.Path, names.SocketType(s.Type), s.GID}
		}),
		Ports: each(r.Landlock.Ports, func(p abi.PortRule) portReport {
			return portReport{p.Port, names.LandlockNet(p.Access)}
		}),
		Landlock: each(r.Landlock.Paths, func(p policy.PathRule) landlockReport {
			return landlockReport{p.Path, names.Landlock(p.Access)}
		}),
		Filter: reportFilter(r.Filter),
	}
	if r.Image.Bound() {
		report.Image = &imageReport{digestString(r.Image.SHA256), r.Image.Size}
	}
	return report
}

func reportMount(m policy.Mount) mountReport {
	return mountReport{
		Target:     m.Target,
		Type:       m.Type,
		Attributes: names.MountAttributes(m.Attributes),
		Options:    each(m.Options, func(o policy.Option) optionReport { return optionReport(o) }),
		Partition:  m.Partition,
	}
}

func reportBind(b policy.Bind) bindReport {
	report := bindReport{Target: b.Target, Source: b.Source, Attributes: names.MountAttributes(b.Attributes)}
	if b.Kind == policy.KindDevice {
		report.Device, report.GID = fmt.Sprintf("%d:%d", b.Major, b.Minor), b.GID
	}
	if b.Kind == policy.KindDevice && b.Major == 0 {
		report.Device = "any"
	}
	return report
}

// reportFilter digests the instructions as the kernel reads them, little-endian.
func reportFilter(filter []abi.Instruction) filterReport {
	var b bytes.Buffer
	for _, i := range filter {
		_ = binary.Write(&b, binary.LittleEndian, i) // a Buffer does not fail
	}
	sum := sha256.Sum256(b.Bytes())
	return filterReport{len(filter), hex.EncodeToString(sum[:])}
}

// each maps a list; none becomes [], not null.
func each[T, U any](list []T, to func(T) U) []U {
	mapped := make([]U, len(list))
	for i, v := range list {
		mapped[i] = to(v)
	}
	return mapped
}
