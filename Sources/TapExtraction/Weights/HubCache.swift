// Weights in Hugging Face's cache, which Python programs fill. Nothing is fetched here.

import TapFileSystem

/// The cache of Hugging Face's Hub on this machine.
///
/// The layout is that of `huggingface_hub`: `models--OWNER--NAME/snapshots/COMMIT/FILE`. `refs/REVISION` in the folder
/// of a repository contains the commit of a branch or a tag.
package struct HubCache {
  /// A source that begins with this text names a repository: `hf-hub:OWNER/NAME` or `hf-hub:OWNER/NAME@REVISION`.
  package static let prefix = "hf-hub:"
  /// The files of weights, in the order of preference.
  private static let files = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
  ]

  /// The folder of the cache; nil if no home folder is known.
  package let folder: String?

  /// The cache in `HF_HUB_CACHE`, else in `hub` in `HF_HOME`, else in `huggingface/hub` in the user's cache folder.
  package init() {
    let home =
      Environment.filled("HF_HOME")
      ?? WeightsLocator.userFolder("XDG_CACHE_HOME", ".cache").map { FileSystem.join($0, "huggingface") }
    folder = Environment.filled("HF_HUB_CACHE") ?? home.map { FileSystem.join($0, "hub") }
  }

  package init(folder: String) { self.folder = folder }

  /// The path of the weights of a source that names a repository; the source itself if it names none.
  ///
  /// - Throws: ``WeightsError/notInHubCache(_:folder:)``.
  package func path(of source: String) throws(WeightsError) -> String {
    guard source.hasPrefix(Self.prefix) else { return source }
    let words = source.dropFirst(Self.prefix.count).split(
      separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let revision = words.count > 1 ? String(words[1]) : "main"
    let parts = words[0].split(separator: "/", omittingEmptySubsequences: false)
    let isSafe = parts.count == 2 && !parts.contains("") && !revision.split(separator: "/").contains("..")
    guard isSafe, let folder else { throw .notInHubCache(source, folder: folder) }
    let repository = FileSystem.join(folder, "models--\(parts[0])--\(parts[1])")
    let reference = (try? FileSystem.read(FileSystem.join(repository, "refs/" + revision), atMost: 256)) ?? []
    let commit = String(decoding: reference, as: UTF8.self).filter(\.isHexDigit)
    let snapshot = FileSystem.join(repository, "snapshots/" + (commit.isEmpty ? revision : commit))
    guard let file = Self.files.map({ FileSystem.join(snapshot, $0) }).first(where: FileSystem.exists) else {
      throw .notInHubCache(source, folder: folder)
    }
    return file
  }
}
