package import ParleyCore

extension PushLook {
    /// What one kind of provider is to show: what was said for it alone, in place of what was said for all.
    package func seen(at kind: PushProvider.Kind) -> PushLook {
        guard let special = self.special[kind] else { return self }
        var look = self
        look.isSilent = special.isSilent ?? look.isSilent
        look.title = special.title ?? look.title
        look.text = special.text ?? look.text
        look.sound = special.sound ?? look.sound
        look.category = special.category ?? look.category
        look.collapseID = special.collapseID ?? look.collapseID
        look.image = special.image ?? look.image
        return look
    }

    /// Whether it may wait until the phone wakes for another reason: no one is to be called by it.
    package var mayWait: Bool { self.isSilent || self.interruptionLevel == "passive" }

    /// As long as RongCloud keeps messages for who is offline, when nobody says how long; four weeks at most, which is what FCM takes and about what APNs keeps.
    package var lifetime: Int64 { min(max(self.lifetimeSeconds ?? 604_800, 0), 2_419_200) }
}
