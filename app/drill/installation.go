package drill

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"parley/app/config"
	"parley/app/devservices"
	"parley/app/drill/faults"
	"parley/app/drill/program"
)

// installation is two replicas, with each dependency in a process of its own, so
// that a fault hits one of them alone.
type installation struct {
	dependencies []dependency
	replicas     []*program.Process
}

// install starts an installation. It returns what has been started even after an
// error.
func install(ctx context.Context, o Options) (*installation, error) {
	in := &installation{}
	urls := map[string]string{}

	for _, t := range titles {
		d, err := start(ctx, o, t.name, t.title)
		if err != nil {
			return in, err
		}

		in.dependencies = append(in.dependencies, d)
		urls[t.name] = d.url()
	}

	for i := range 2 {
		log := filepath.Join(o.Dir, fmt.Sprintf("replica-%d.log", i+1))

		r, err := program.New(o.Program, log, foreignEnv(),
			"DATABASE_URL="+urls["postgres"],
			"REDIS_URL="+urls["redis"],
			"KAFKA_BROKERS="+urls["kafka"],
			"LIMIT_SIGNINS=0",
			"LIMIT_MESSAGES=0",
			"LIMIT_CONVERSATION=0",
			"LIMIT_READS=0",
			"LOG_LEVEL=warn",
		)
		if err == nil {
			in.replicas = append(in.replicas, r)
			err = r.Start(ctx)
		}

		if err != nil {
			return in, err
		}
	}

	return in, nil
}

func start(ctx context.Context, o Options, name, title string) (dependency, error) {
	if address, ok := o.External[name]; ok {
		return newExternal(name, title, address)
	}

	dir := filepath.Join(o.Dir, name)
	lease, err := devservices.Acquire(ctx, dir, []string{name}, o.Program)
	return &embedded{name: name, title: title, dir: dir, lease: lease}, err
}

// foreignEnv is the environment without Parley's settings: those of the person
// who runs the drill don't hold for its replicas.
func foreignEnv() []string {
	return slices.DeleteFunc(os.Environ(), func(line string) bool {
		name, _, _ := strings.Cut(line, "=")
		isSetting := func(s config.Setting) bool { return s.Name == name }
		return name == "KAFKA_BROKER" || slices.ContainsFunc(config.Settings(), isSetting)
	})
}

// remove ends the replicas and the dependencies.
func (in *installation) remove() {
	for _, r := range in.replicas {
		r.Kill()
	}

	for _, d := range in.dependencies {
		d.remove()
	}
}

func (in *installation) bases() (bases []string) {
	for _, r := range in.replicas {
		bases = append(bases, r.Base)
	}

	return bases
}

// faults lists the faults in their order.
func (in *installation) faults() []faults.Fault {
	first := in.replicas[0]

	list := []faults.Fault{
		{Name: "none", Inject: func(context.Context) error { return nil }},
		{
			Name:    "replica killed",
			Inject:  func(context.Context) error { first.Kill(); return nil },
			Recover: first.Start,
		},
	}
	for _, d := range in.dependencies {
		list = append(list, d.faults()...)
	}

	return list
}
