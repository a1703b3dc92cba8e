package lock

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/anchor-os/anchor/release/gate/jsontree"
	"github.com/anchor-os/anchor/release/lazyregexp"
)

// Origin is where an input comes from, without a revision.
type Origin struct {
	Type, Scheme, Host string
	Path               string // owner/repo, or that of a URL; "" for an archive, of which each has a URL of its own
	Dir                string // of the flake, within
	local              bool   // this machine or a registry
}

// hosts are those of the types that name none (Nix: src/libfetchers/github.cc).
var hosts = map[string]string{"github": "github.com", "gitlab": "gitlab.com", "sourcehut": "git.sr.ht"}

// byURL are the types of inputs that have a URL.
var byURL = map[string]bool{"git": true, "hg": true, "tarball": true, "file": true}

// String is the origin as one would write it in flake.nix.
func (o Origin) String() string {
	s := o.Type + "+" + o.Scheme + "://" + o.Host + o.Path
	query := url.Values{}
	if hosts[o.Type] != "" {
		s = o.Type + ":" + o.Path
		if hosts[o.Type] != o.Host {
			query.Set("host", o.Host)
		}
	}
	if o.Dir != "" {
		query.Set("dir", o.Dir)
	}
	if len(query) > 0 {
		s += "?" + query.Encode()
	}
	return s
}

// differs names the attribute in which two origins differ, "" if they are the same.
func (o Origin) differs(other Origin) string {
	switch {
	case o == other:
		return ""
	case o.Type != other.Type:
		return "type"
	case hosts[o.Type] == "" && o.Dir == other.Dir:
		return "url"
	case o.Host != other.Host:
		return "host"
	case o.Path != other.Path && path.Dir(o.Path) == path.Dir(other.Path):
		return "repo"
	case o.Path != other.Path:
		return "owner"
	}
	return "dir"
}

// What names a host, and what an owner or a repository: nothing that leads elsewhere in a URL, and no option of
// a command.
var (
	hostForm = lazyregexp.New(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$`)
	partForm = lazyregexp.New(`^~?\.?[A-Za-z0-9_][A-Za-z0-9_.%-]*$`)
)

// idle gives an attribute that names a place and that a type does not read, "" if there is none.
func idle(v *jsontree.Value, kind string) string {
	for _, a := range v.Fields {
		reads := true
		switch a.Name {
		case "owner", "repo", "host":
			reads = hosts[kind] != ""
		case "url":
			reads = byURL[kind]
		case "path", "id":
			reads = false // those that do are refused
		}
		if !reads {
			return a.Name
		}
	}
	return ""
}

// origin reads where an input comes from; the error says why it is nowhere.
func origin(v *jsontree.Value) (o Origin, err error) {
	o.Type, o.Dir = text(v, "type"), text(v, "dir")
	switch {
	case o.Type == "path", o.Type == "indirect":
		o.local, o.Path = true, text(v, "path")+text(v, "id")
	case hosts[o.Type] != "":
		err = o.forge(v)
	case byURL[o.Type]:
		err = o.url(text(v, "url"))
	default:
		err = errors.New("has no type that Nix knows")
	}
	if name := idle(v, o.Type); err == nil && !o.local && name != "" {
		err = fmt.Errorf("has %s, which the type %s does not read", name, o.Type)
	}
	return o, err
}

// text gives an attribute of an object, "" if there is none.
func text(v *jsontree.Value, name string) string {
	if a := v.Get(name); a != nil {
		return a.Text
	}
	return ""
}

func (o *Origin) forge(v *jsontree.Value) error {
	owner, repo := text(v, "owner"), text(v, "repo")
	o.Host, o.Path = cmp.Or(text(v, "host"), hosts[o.Type]), owner+"/"+repo
	switch {
	case owner == "" || repo == "":
		return errors.New("has no owner and repo")
	case !partForm.MatchString(owner) || !partForm.MatchString(repo) || !hostForm.MatchString(o.Host):
		return errors.New("has a host, owner or repo of no such form")
	}
	return nil
}

func (o *Origin) url(reference string) error {
	u, err := url.Parse(reference)
	if err != nil || reference == "" {
		return errors.New("has no url")
	}
	o.Scheme, o.Host, o.local = u.Scheme, u.Host, u.Host == "" || u.Scheme == "file" // of localhost too
	if !o.local && !hostForm.MatchString(u.Host) {
		return errors.New("has a host of no such form")
	}
	if strings.ContainsAny(reference, "?#") {
		return errors.New("has a query or a fragment in its url, which Nix writes as attributes")
	}
	if u.User != nil {
		if strings.HasPrefix(u.User.Username(), "-") {
			return errors.New("has a user that is an option of a command")
		}
		if _, secret := u.User.Password(); secret {
			return errors.New("has a password in its url")
		}
		o.Host = u.User.String() + "@" + o.Host
	}
	if o.Type == "git" || o.Type == "hg" {
		u.Scheme, u.Host, u.User = "", "", nil
		o.Path = u.String()
	}
	return nil
}
