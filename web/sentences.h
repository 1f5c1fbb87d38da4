/*
 * The table of sentences: one row is one text in both languages. {} is a place for a value. French puts a no-break space before : ;
 * ? ! and inside guillemets: those are in the table as they are, and a unit test looks for plain ones. Read through texts.h.
 */
#ifndef WEB_SENTENCES_H
#define WEB_SENTENCES_H

/* X(name, French, English) */
/* clang-format off */
#define TEXTS(X)                                                                                                                   \
    /* frame of every page */                                                                                                      \
    X(SITE, "Identitovigilance", "Identity vigilance")                                                                             \
    X(SKIP, "Aller au contenu", "Skip to content")                                                                                 \
    X(NAV_MAIN, "Navigation principale", "Main navigation")                                                                        \
    X(NAV_TASKS, "Files", "Queues")                                                                                                \
    X(NAV_MESSAGES, "Messages", "Messages")                                                                                        \
    X(NAV_PEERS, "Correspondants", "Peers")                                                                                        \
    X(NAV_PERSONS, "Personnes", "Persons")                                                                                         \
    X(LANGUAGE, "Langue", "Language")                                                                                              \
    X(LANGUAGE_OTHER, "English", "Français")                                                                                       \
    X(LANGUAGE_HINT, "This page in English", "Cette page en français")                                                             \
    X(ACCESSIBILITY, "Accessibilité : partiellement conforme", "Accessibility: partially compliant")                               \
    X(FOOTER, "Sosie, serveur d’identités. Données de santé : les identités consultées sont tracées.",                             \
      "Sosie, identity server. Health data: every identity looked at is recorded.")                                                \
    X(STATE_FOLLOWER, "Ce serveur suit celui qui écrit : on peut lire, pas décider.",                                              \
      "This server follows the one that writes: you can read, not decide.")                                                        \
    X(STATE_LOADING, "L’index se charge : les pages se complètent dans quelques instants.",                                        \
      "The index is loading: pages will be complete in a moment.")                                                                 \
    X(STATE_NO_DATABASE, "La base de données ne répond pas. Rien n’est perdu ; réessayez dans un instant.",                        \
      "The database does not answer. Nothing is lost; try again in a moment.")                                                     \
    /* errors */                                                                                                                   \
    X(ERROR_TITLE, "Cela n’a pas marché", "That did not work")                                                                     \
    X(ERROR_NOT_FOUND, "Cette page n’existe pas, ou plus.", "This page does not exist, or no longer does.")                        \
    X(ERROR_METHOD, "Cette adresse ne se demande pas ainsi. Revenez à la page et suivez ses liens.",                               \
      "This address is not asked for that way. Go back to the page and follow its links.")                                         \
    X(ERROR_NOT_LOCAL,                                                                                                             \
      "Ces pages ne s’ouvrent que depuis la machine du serveur. Connectez-vous à elle, par exemple par un "                        \
      "tunnel SSH.",                                                                                                               \
      "These pages open only from the server’s own machine. Connect to it, for example through an SSH tunnel.")                    \
    X(ERROR_HOST, "Le nom demandé n’est pas celui de cette machine. Écrivez localhost ou 127.0.0.1 dans l’adresse.",               \
      "The name asked for is not this machine’s. Write localhost or 127.0.0.1 in the address.")                                    \
    X(ERROR_FORGED,                                                                                                                \
      "Ce formulaire ne vient pas de ces pages, ou le serveur a redémarré depuis. Rechargez la page et recommencez.",              \
      "This form does not come from these pages, or the server has restarted since. Reload the page and try again.")               \
    X(ERROR_FORM, "Le formulaire reçu est illisible. Rechargez la page et recommencez.",                                           \
      "The form received cannot be read. Reload the page and try again.")                                                          \
    X(ERROR_UNKNOWN, "Ce que vous cherchez n’est pas connu ici.", "What you look for is not known here.")                          \
    X(ERROR_FORBIDDEN, "Vous n’avez pas le droit de faire cela.", "You may not do that.")                                          \
    X(ERROR_RULE, "Une règle d’identitovigilance s’y oppose.", "A rule of identity vigilance refuses it.")                         \
    X(ERROR_UNAVAILABLE, "Le serveur ne peut pas répondre pour l’instant. Rien n’a été changé ; réessayez dans un instant.",       \
      "The server cannot answer right now. Nothing was changed; try again in a moment.")                                           \
    X(ERROR_INTERNAL, "Une erreur interne est survenue. Rien n’a été changé ; si elle revient, prévenez l’exploitant.",            \
      "An internal error occurred. Nothing was changed; if it comes again, tell the operator.")                                    \
    X(ERROR_DETAIL, "Précision du serveur : {}", "The server says: {}")                                                            \
    X(ERROR_SUMMARY, "La décision n’est pas enregistrée", "The decision was not recorded")                                         \
    /* the queues */                                                                                                               \
    X(TASKS_TITLE, "Files d’identitovigilance", "Identity-vigilance queues")                                                       \
    X(TASKS_ALL, "Toutes les files", "All queues")                                                                                 \
    X(TASKS_QUEUES, "Les files", "The queues")                                                                                     \
    X(TASKS_OPEN_COUNT, "{} tâches à traiter", "{} tasks to handle")                                                               \
    X(TASKS_OPEN_COUNT_ONE, "{} tâche à traiter", "{} task to handle")                                                             \
    X(TASKS_HELD, "En attente : l’import {} a ouvert {} tâches, montrées quand il sera libéré (sosie import --release).",          \
      "Held back: import {} opened {} tasks, shown once it is released (sosie import --release).")                                 \
    X(TASKS_HELD_ONE, "En attente : l’import {} a ouvert {} tâche, montrée quand il sera libéré (sosie import --release).",        \
      "Held back: import {} opened {} task, shown once it is released (sosie import --release).")                                  \
    X(TASKS_OPEN_NONE, "Aucune tâche à traiter", "No task to handle")                                                              \
    X(TASKS_CAPTION, "Tâches, les plus urgentes d’abord, puis les plus probables", "Tasks, most urgent first, then the likeliest") \
    X(TASKS_NONE, "Rien à traiter ici.", "Nothing to handle here.")                                                                \
    X(TASKS_NONE_HINT, "Aucune tâche ne répond à ces filtres.", "No task answers these filters.")                                  \
    X(TASKS_NONE_AT_ALL, "Tout est fait. Les nouvelles tâches paraîtront ici.", "All done. New tasks will appear here.")           \
    X(TASKS_SHOWN, "{} tâches montrées sur {}", "{} tasks shown of {}")                                                            \
    X(TASKS_SHOWN_ONE, "{} tâche montrée sur {}", "{} task shown of {}")                                                           \
    X(TASKS_FIRST, "Début de la liste", "Start of the list")                                                                       \
    X(TASKS_NEXT, "Tâches suivantes", "Next tasks")                                                                                \
    X(PAGING, "Pages de la liste", "Pages of the list")                                                                            \
    X(FILTER, "Filtrer", "Filter")                                                                                                 \
    X(FILTERS, "Filtres", "Filters")                                                                                               \
    X(FILTER_CLEAR, "Tout montrer", "Show all")                                                                                    \
    X(FILTER_DOMAIN, "Domaine", "Domain")                                                                                          \
    X(FILTER_DOMAIN_ALL, "Tous les domaines", "All domains")                                                                       \
    X(FILTER_STATE, "État", "State")                                                                                               \
    X(VIEW_OPEN, "À traiter", "To handle")                                                                                         \
    X(VIEW_NEW, "Nouvelles", "New")                                                                                                \
    X(VIEW_ASSIGNED, "Assignées", "Assigned")                                                                                      \
    X(VIEW_WAITING, "Mises en attente", "Set to wait")                                                                             \
    X(VIEW_REOPENED, "Rouvertes", "Reopened")                                                                                      \
    X(VIEW_RESOLVED, "Closes", "Closed")                                                                                           \
    X(VIEW_ALL, "Toutes, closes comprises", "All, closed ones included")                                                           \
    X(FILTER_KIND, "File", "Queue")                                                                                                \
    X(FILTER_ASSIGNEE, "Assignée à", "Assigned to")                                                                                \
    X(COLUMN_PRIORITY, "Priorité", "Priority")                                                                                     \
    X(COLUMN_TASK, "Tâche", "Task")                                                                                                \
    X(COLUMN_DOMAIN, "Domaine", "Domain")                                                                                          \
    X(COLUMN_WHO, "Qui", "Who")                                                                                                    \
    X(COLUMN_PROBABILITY, "Probabilité", "Probability")                                                                            \
    X(COLUMN_STATE, "État", "State")                                                                                               \
    X(COLUMN_DUE, "Échéance", "Due")                                                                                               \
    X(COLUMN_AGE, "Ouverte", "Opened")                                                                                             \
    X(COLUMN_COUNT, "Revenue", "Came again")                                                                                       \
    X(COUNT_TIMES, "{} fois", "{} times")                                                                                          \
    X(COUNT_TIMES_ONE, "{} fois", "{} time")                                                                                       \
    X(TASK_AGAIN, "revenue {}", "came again {}")                                                                                   \
    X(TASK_IN_THE_WAY, "En cause : {}.", "In the way: {}.")                                                                        \
    X(COUNT_NEVER, "jamais", "never")                                                                                              \
    X(PRIORITY_HIGH, "haute", "high")                                                                                              \
    X(PRIORITY_MIDDLE, "moyenne", "medium")                                                                                        \
    X(PRIORITY_LOW, "basse", "low")                                                                                                \
    X(DOMAIN_REGION, "Région", "Region")                                                                                           \
    X(DOMAIN_UNKNOWN, "domaine {}", "domain {}")                                                                                   \
    X(NONE, "—", "—")                                                                                                              \
    X(YES, "oui", "yes")                                                                                                           \
    X(JUST_NOW, "à l’instant", "just now")                                                                                         \
    X(AGO, "il y a {}", "{} ago")                                                                                                  \
    X(DUE_IN, "dans {}", "in {}")                                                                                                  \
    X(DUE_LATE, "en retard de {}", "late by {}")                                                                                   \
    X(DAYS, "{} j", "{} d")                                                                                                        \
    X(HOURS, "{} h", "{} h")                                                                                                       \
    X(MINUTES, "{} min", "{} min")                                                                                                 \
    X(SECONDS, "< 1 min", "< 1 min")                                                                                               \
    /* one task */                                                                                                                 \
    X(TASK_NUMBER, "n° {}", "no. {}")                                                                                              \
    X(TASK_FACTS, "La tâche en bref", "The task in short")                                                                         \
    X(TASK_RULE, "Règle", "Rule")                                                                                                  \
    X(TASK_RULE_OF, "Elle porte sur {} et {}, non sur cette paire.", "It speaks of {} and {}, not of this pair.")                  \
    X(TASK_BACK, "Retour à la file", "Back to the queue")                                                                          \
    X(TASK_MESSAGE, "Voir le message en cause", "See the message behind it")                                                       \
    X(TASK_NOBODY, "personne", "nobody")                                                                                           \
    X(TASK_CLOSED, "Close", "Closed")                                                                                              \
    X(TASK_OUTCOME, "Issue", "Outcome")                                                                                            \
    X(DONE_REVIEW, "C’est enregistré : {}.", "Recorded: {}.")                                                                      \
    X(PAIR_TITLE, "Les deux enregistrements", "The two records")                                                                   \
    X(PAIR_TITLE_ONE, "L’enregistrement", "The record")                                                                            \
    X(PAIR_TITLE_VERSIONS, "Les deux versions", "The two versions")                                                                \
    X(PAIR_CAPTION,                                                                                                                \
      "Trait par trait, tels qu’ils sont à présent. Concordent : {}, diffèrent : {}, d’un seul côté : {}.",                        \
      "Trait by trait, as they are now. Agreeing: {}, differing: {}, on one side only: {}.")                                       \
    X(PAIR_CAPTION_ONE, "Tel qu’il est à présent.", "As it is now.")                                                               \
    X(PAIR_CHANGED, "{} : changement depuis l’ouverture de la tâche. Sous chaque valeur nouvelle se lit celle d’alors.",           \
      "{}: changed since the task opened. Below each new value stands the one of then.")                                           \
    X(PAIR_CHANGED_BOTH, "Les deux ont changé depuis l’ouverture de la tâche. Sous chaque valeur nouvelle se lit celle d’alors.",  \
      "Both have changed since the task opened. Below each new value stands the one of then.")                                     \
    X(PAIR_WAS, "à l’ouverture :", "at opening:")                                                                                  \
    X(PAIR_VERSION, "n° {}, du {}", "no. {}, of {}")                                                                               \
    X(PAIR_SET_APART, "Une autre version est à l’écart : elle ne compte pas ici.",                                                 \
      "Another version is set apart: it does not count here.")                                                                     \
    X(PAIR_TRAIT, "Trait", "Trait")                                                                                                \
    X(PAIR_VERDICT, "Comparaison", "Comparison")                                                                                   \
    X(PAIR_VALUE, "Valeur", "Value")                                                                                               \
    X(PAIR_A, "Enregistrement A", "Record A")                                                                                      \
    X(PAIR_B, "Enregistrement B", "Record B")                                                                                      \
    X(PAIR_TRUSTED, "Version de confiance", "Trusted version")                                                                     \
    X(PAIR_QUARANTINED, "Version mise à l’écart", "Version set apart")                                                             \
    X(PAIR_PERSON, "Personne {}", "Person {}")                                                                                     \
    X(PAIR_SAME_PERSON, "Aujourd’hui, les deux sont la même personne.", "Today both are the same person.")                         \
    X(PAIR_TWO_PERSONS, "Aujourd’hui, ce sont deux personnes.", "Today they are two persons.")                                     \
    X(PAIR_HELD_MERGE, "Fusion demandée : {} disparaît, {} reste.", "The merge asked for: {} goes, {} stays.")                     \
    X(PAIR_STRICT, "Traits stricts", "Strict traits")                                                                              \
    X(PAIR_OTHER, "Traits complémentaires", "Complementary traits")                                                                \
    X(PAIR_RECORD, "Enregistrement", "Record")                                                                                     \
    X(VERDICT_SAME, "identique", "identical")                                                                                      \
    X(VERDICT_FORM, "même valeur, autre écriture", "same value, other spelling form")                                              \
    X(VERDICT_SHARED, "une valeur en commun", "one value in common")                                                               \
    X(VERDICT_PARTIAL, "compatible, date partielle", "compatible, partial date")                                                   \
    X(VERDICT_SWAPPED, "jour et mois inversés", "day and month swapped")                                                           \
    X(VERDICT_DIFFERENT, "différent", "different")                                                                                 \
    X(VERDICT_ONLY_A, "absent à droite", "missing on the right")                                                                   \
    X(VERDICT_ONLY_B, "absent à gauche", "missing on the left")                                                                    \
    X(MISSING, "non renseigné", "not given")                                                                                       \
    X(INS_WITHHELD, "détenu, non diffusé : identité non qualifiée, ou une question est ouverte",                                   \
      "held, not released: the identity is not qualified, or a question is open")                                                  \
    X(INS_SHOW, "montrer le numéro entier", "show the whole number")                                                               \
    /* fields of a record */                                                                                                       \
    X(FIELD_FAMILY, "Nom de naissance", "Birth family name")                                                                       \
    X(FIELD_GIVEN, "Premier prénom", "First given name")                                                                           \
    X(FIELD_GIVEN_LIST, "Liste des prénoms", "All given names")                                                                    \
    X(FIELD_BIRTH_DATE, "Né(e) le", "Born on")                                                                                     \
    X(FIELD_SEX, "Sexe", "Sex")                                                                                                    \
    X(FIELD_BIRTH_PLACE, "Lieu de naissance", "Birth place")                                                                       \
    X(FIELD_INS, "INS", "INS")                                                                                                     \
    X(FIELD_USED_FAMILY, "Nom utilisé", "Used family name")                                                                        \
    X(FIELD_USED_GIVEN, "Prénom utilisé", "Used given name")                                                                       \
    X(FIELD_MULTIPLE_BIRTH, "Naissance multiple", "Multiple birth")                                                                \
    X(FIELD_MOTHER, "Nom et prénom de la mère", "Mother’s maiden and given name")                                                  \
    X(FIELD_ADDRESS, "Adresse", "Address")                                                                                         \
    X(FIELD_TELECOM, "Téléphone, courriel", "Telephone, mail")                                                                     \
    X(FIELD_DEATH, "Décès", "Death")                                                                                               \
    X(FIELD_DOMAIN, "Domaine", "Domain")                                                                                           \
    X(FIELD_LOCAL_ID, "Identifiant local", "Local identifier")                                                                     \
    X(FIELD_IDENTIFIERS, "Autres identifiants", "Other identifiers")                                                               \
    X(FIELD_STATUS, "Statut", "Status")                                                                                            \
    X(FIELD_ATTRIBUTES, "Attributs", "Attributes")                                                                                 \
    X(FIELD_LINK, "Lien à la personne", "Link to the person")                                                                      \
    X(FIELD_UPDATED, "Mis à jour", "Updated")                                                                                      \
    X(FIELD_VERSION, "Version", "Version")                                                                                         \
    X(FIELD_QUARANTINED, "Version à l’écart", "Version set apart")                                                                 \
    X(SEX_MALE, "masculin", "male")                                                                                                \
    X(SEX_FEMALE, "féminin", "female")                                                                                             \
    X(SEX_UNKNOWN, "indéterminé", "unknown")                                                                                       \
    X(BIRTH_RANK, "oui, rang {}", "yes, order {}")                                                                                 \
    /* reasons */                                                                                                                  \
    X(REASONS_TITLE, "Pourquoi ces deux-là", "Why these two")                                                                      \
    X(REASONS_TITLE_ONE, "Pourquoi cette tâche", "Why this task")                                                                  \
    X(REASONS_TITLE_VERSIONS, "Ce qui sépare les deux versions", "What sets the two versions apart")                               \
    X(REASONS_CAPTION, "Poids de chaque trait, en bits : à droite pour la même personne, à gauche contre.",                        \
      "Weight of each trait, in bits: to the right for the same person, to the left against.")                                     \
    X(REASONS_FIELD, "Trait", "Trait")                                                                                             \
    X(REASONS_LEVEL, "Ce qui est observé", "What is observed")                                                                     \
    X(REASONS_WEIGHT, "Poids", "Weight")                                                                                           \
    X(REASONS_SUM, "Somme des poids", "Sum of the weights")                                                                        \
    X(REASONS_DOMAINS, "Ces deux domaines : plus de doublons qu’ailleurs, ou moins",                                               \
      "These two domains: more matches than elsewhere, or fewer")                                                                  \
    X(REASONS_POSTERIOR, "Probabilité que ce soit la même personne", "Probability that they are the same person")                  \
    X(REASONS_BITS, "{} bits", "{} bits")                                                                                          \
    X(REASONS_TODAY, "Le même calcul aujourd’hui", "The same figure today")                                                        \
    X(REASONS_TODAY_SAME, "Aujourd’hui, le calcul donne toujours {} bits, soit {}.",                                               \
      "Today the figure is still {} bits, which is {}.")                                                                           \
    X(REASONS_TODAY_OTHER, "Depuis, les enregistrements ou le modèle ont changé : le calcul donne aujourd’hui {} bits, soit {}.",  \
      "The records or the model have changed since: today the figure is {} bits, which is {}.")                                    \
    X(REASONS_OPENED, "Calculé à l’ouverture de la tâche, sur la version {} de A et la version {} de B.",                          \
      "Reckoned when the task opened, from version {} of A and version {} of B.")                                                  \
    X(REASONS_WEIGHED, "Y comptent la version {} de A, du {}, et la version {} de B, du {}.",                                      \
      "It weighs version {} of A, of {}, and version {} of B, of {}.")                                                             \
    X(REASONS_EARLIER, "Les valeurs antérieures de ces enregistrements comptent aussi : la paire qui concorde le mieux l’emporte.",\
      "Earlier values of these records count too: the pair that agrees best prevails.")                                            \
    X(REASONS_SET_APART, "Une version mise à l’écart n’y compte pas.", "A version that is set apart does not count.")              \
    X(REASONS_MODEL, "Modèle {}.", "Model {}.")                                                                                    \
    X(REASONS_FREQUENCY, "dont {} d’ajustement", "{} of it by adjustment")                                                         \
    X(REASONS_UNKNOWN_FIELD, "Autre", "Other")                                                                                     \
    X(REASONS_RAW, "Éléments figés à l’ouverture", "Evidence frozen at opening")                                                   \
    /* outcomes */                                                                                                                 \
    X(REVIEW_TITLE, "Votre décision", "Your decision")                                                                             \
    X(REVIEW_CLOSED, "Cette tâche n’attend plus rien.", "This task waits for nothing more.")                                       \
    X(REVIEW_CHOICE, "Que faut-il en faire ?", "What should become of it?")                                                        \
    X(REVIEW_NOT_NOW, "Pas possible à présent", "Not possible now")                                                                \
    X(REVIEW_ACTS, "Décider", "Decide")                                                                                            \
    X(REVIEW_FOLLOW, "Suivre", "Follow up")                                                                                        \
    X(REVIEW_AUTHOR, "Votre nom", "Your name")                                                                                     \
    X(REVIEW_AUTHOR_HINT, "Il reste dans l’historique.", "It stays in the history.")                                               \
    X(REVIEW_SECOND, "Seconde personne", "Second person")                                                                          \
    X(REVIEW_SECOND_HINT, "Demandée quand la décision passe outre une règle.", "Asked for when the decision overrules a rule.")    \
    X(REVIEW_REASON, "Motif", "Reason")                                                                                            \
    X(REVIEW_REASON_HINT, "Ce qui vous a convaincu : pièce vue, appel à l’établissement…",                                         \
      "What convinced you: document seen, call to the hospital…")                                                                  \
    X(REVIEW_ASSIGNEE, "Assigner à", "Assign to")                                                                                  \
    X(REVIEW_ASSIGNEE_HINT, "Seulement pour « assigner ».", "Only for “assign”.")                                                  \
    X(REVIEW_SUBMIT, "Enregistrer la décision", "Record the decision")                                                             \
    X(REVIEW_REQUIRED, "obligatoire", "required")                                                                                  \
    X(REVIEW_REQUIRED_TO_ACT, "obligatoire pour décider", "required to decide")                                                    \
    X(REVIEW_OPTIONAL, "facultatif", "optional")                                                                                   \
    X(REVIEW_VETO, "Une règle s’oppose au lien : lier demande un motif et, selon le réglage, une seconde personne.",               \
      "A rule speaks against the link: to link asks for a reason and, by setting, a second person.")                               \
    X(REVIEW_NO_OUTCOME, "Choisissez ce qu’il faut faire.", "Choose what to do.")                                                  \
    X(REVIEW_NOT_ALLOWED, "Cette issue n’est pas offerte pour cette tâche dans son état présent. Rechargez la page.",              \
      "This outcome is not offered for this task in its present state. Reload the page.")                                          \
    X(REVIEW_NO_AUTHOR, "Écrivez votre nom : toute décision a un auteur.", "Write your name: every decision has an author.")       \
    X(REVIEW_NO_REASON, "Écrivez le motif : il sera relu si la décision est discutée.",                                            \
      "Write the reason: it will be read if the decision is questioned.")                                                          \
    X(REVIEW_NO_SECOND, "La décision passe outre une règle : une seconde personne, autre que vous, doit la signer.",               \
      "The decision overrules a rule: a second person, other than you, must sign it.")                                             \
    X(REVIEW_NO_ASSIGNEE, "Écrivez à qui la tâche est assignée.", "Write to whom the task is assigned.")                           \
    X(REVIEW_TOO_LONG, "Ce texte est trop long ({} octets au plus).", "This text is too long ({} bytes at most).")                 \
    X(REVIEW_CHANGED, "Quelqu’un a agi sur cette tâche depuis que vous l’avez ouverte. Relisez l’historique, puis décidez.",       \
      "Someone acted on this task since you opened it. Read the history again, then decide.")                                      \
    X(REVIEW_RECORD_CHANGED,                                                                                                       \
      "Un enregistrement a changé depuis que vous avez ouvert la page : regardez-le de nouveau, puis décidez.",                    \
      "A record changed since you opened the page: look again, then decide.")                                                      \
    X(REVIEW_AUTHOR_SAME, "La seconde personne doit être une autre que vous.", "The second person must be another than you.")      \
    /* history */                                                                                                                  \
    X(HISTORY_TITLE, "Historique", "History")                                                                                      \
    X(HISTORY_CAPTION, "Tout ce qui est arrivé à cette tâche, du plus ancien au plus récent",                                      \
      "All that happened to this task, oldest first")                                                                              \
    X(HISTORY_WHEN, "Quand", "When")                                                                                               \
    X(HISTORY_WHO, "Qui", "Who")                                                                                                   \
    X(HISTORY_WHAT, "Quoi", "What")                                                                                                \
    X(HISTORY_TEXT, "Motif ou commentaire", "Reason or comment")                                                                   \
    X(HISTORY_AND, "{} et {}", "{} and {}")                                                                                        \
    X(HISTORY_ENGINE, "le moteur", "the engine")                                                                                   \
    X(TASKS_FOUND, "{} : {}", "{}: {}")                                                                                            \
    /* peers */                                                                                                                    \
    X(PEERS_TITLE, "Correspondants", "Peers")                                                                                      \
    X(PEERS_INTRO,                                                                                                                 \
      "Systèmes raccordés : dernier message reçu d’eux, part refusée, ce qu’ils ont encore à apprendre. "                          \
      "Ceux qui demandent une main sont en tête.",                                                                                 \
      "Systems on the wire: the last message that came from them, the share refused, what they are still to be told. "             \
      "Those that need a hand come first.")                                                                                        \
    X(PEERS_CAPTION, "Correspondants déclarés", "Declared peers")                                                                  \
    X(PEERS_NONE, "Aucun correspondant n’est déclaré.", "No peer is declared.")                                                    \
    X(PEERS_PEER, "Correspondant", "Peer")                                                                                         \
    X(PEERS_LAST, "Dernier message", "Last message")                                                                               \
    X(PEERS_NO_MESSAGE, "aucun encore", "none yet")                                                                                \
    X(PEERS_REFUSED, "Refusés, une heure", "Refused, one hour")                                                                    \
    X(PEERS_OF, "de {}", "of {}")                                                                                                  \
    X(PEERS_TOLD, "Informé de", "Told of")                                                                                         \
    X(PEERS_TOLD_NOTHING, "rien", "nothing")                                                                                       \
    X(PEERS_TOLD_PIX, "identifiants (ITI-10)", "identifiers (ITI-10)")                                                             \
    X(PEERS_TOLD_PAM, "identités (ITI-30)", "demographics (ITI-30)")                                                               \
    X(PEERS_TLS, "par TLS", "by TLS")                                                                                              \
    X(PEERS_NO_TLS, "sans TLS", "without TLS")                                                                                     \
    X(PEERS_PAUSED, "en pause", "paused")                                                                                          \
    X(PEERS_TROUBLE, "dernier échec :", "last failure:")                                                                           \
    X(PEERS_OPEN, "Reste à dire", "Still to tell")                                                                                 \
    X(PEERS_SINCE, "la plus ancienne : {}", "the oldest: {}")                                                                      \
    X(PEERS_AGAIN, "nouvel essai : {}", "tried again: {}")                                                                         \
    X(PEERS_FINE, "à jour", "up to date")                                                                                          \
    X(PEERS_WAITING, "{} en attente", "{} waiting")                                                                                \
    X(PEERS_TAKEN, "dernière prise : {}", "last taken: {}")                                                                        \
    X(PEERS_FEEDS, "alimente {}", "feeds {}")                                                                                      \
    X(PEERS_MORE, "Et {} autres :", "And {} more:")                                                                                \
    X(PEERS_MORE_ONE, "Et {} autre :", "And {} more:")                                                                             \
    X(PEERS_RESUME, "Reprendre :", "Resume:")                                                                                      \
    X(PEERS_DEAD, "non pris : {}", "not taken: {}")                                                                                \
    X(PEERS_HELD, "en attente derrière : {}", "waiting behind: {}")                                                                \
    X(PEERS_DEAD_OF, "Ce que {} n’a pas pris", "What {} did not take")                                                             \
    X(PEERS_NUMBER, "Numéro", "Number")                                                                                            \
    X(PEERS_EVENT, "Événement", "Event")                                                                                           \
    X(PEERS_AT, "Du", "Of")                                                                                                        \
    X(PEERS_ANSWER, "Réponse", "Answer")                                                                                           \
    X(PEERS_BEHIND, "En attente derrière", "Waiting behind")                                                                       \
    X(PEERS_HOW, "Renvoyer ou abandonner :", "Send again or give up:")                                                             \
    /* messages */                                                                                                                 \
    X(LETTERS_TITLE, "Messages rejetés", "Dead letters")                                                                           \
    X(LETTERS_INTRO, "Ce que le serveur n’a pas pu traiter. Rien n’est perdu : corrigez la cause, puis rejouez.",                  \
      "What the server could not process. Nothing is lost: mend the cause, then replay.")                                          \
    X(LETTERS_CAPTION, "Messages rejetés, les plus récents d’abord", "Dead letters, newest first")                                 \
    X(LETTERS_NONE, "Aucun message rejeté.", "No dead letter.")                                                                    \
    X(LETTERS_MORE, "Seuls les {} plus récents sont montrés.", "Only the {} newest are shown.")                                    \
    X(LOOKUP_TITLE, "Qu’est devenu un message ?", "What became of a message?")                                                     \
    X(LOOKUP_LABEL, "Identifiant de contrôle (MSH-10)", "Message control ID (MSH-10)")                                             \
    X(LOOKUP_SUBMIT, "Chercher", "Look up")                                                                                        \
    X(LOOKUP_CAPTION, "Messages d’identifiant de contrôle {}", "Messages with control ID {}")                                      \
    X(LOOKUP_NONE, "Aucun message ne porte cet identifiant de contrôle.", "No message has this control ID.")                       \
    X(MESSAGE_TITLE, "Message {}", "Message {}")                                                                                   \
    X(MESSAGE_RECEIVED, "Reçu", "Received")                                                                                        \
    X(MESSAGE_EVENT, "Événement", "Event")                                                                                         \
    X(MESSAGE_SENDER, "Émetteur", "Sender")                                                                                        \
    X(MESSAGE_CONTROL, "Identifiant de contrôle", "Control ID")                                                                    \
    X(MESSAGE_RESULT, "Réponse", "Answer")                                                                                         \
    X(MESSAGE_WHERE, "Endroit", "Place")                                                                                           \
    X(MESSAGE_CAUSE, "Cause", "Cause")                                                                                             \
    X(MESSAGE_RECORD, "Enregistrement", "Record")                                                                                  \
    X(MESSAGE_WARNINGS, "Avertissements", "Warnings")                                                                              \
    X(MESSAGE_DEAD, "à reprendre", "to be dealt with")                                                                             \
    X(MESSAGE_SEGMENTS, "Le message, segment par segment", "The message, segment by segment")                                      \
    X(MESSAGE_SEGMENT_BLAMED, "désigné par l’erreur", "named by the error")                                                        \
    X(MESSAGE_FIELDS, "Champs de {}", "Fields of {}")                                                                              \
    X(MESSAGE_FIELD, "Champ", "Field")                                                                                             \
    X(MESSAGE_NO_RAW, "Le message n’est plus conservé.", "The message is no longer kept.")                                         \
    X(RESULT_AA, "accepté (AA)", "accepted (AA)")                                                                                  \
    X(RESULT_AE, "refusé (AE)", "refused (AE)")                                                                                    \
    X(RESULT_AR, "rejeté (AR)", "rejected (AR)")                                                                                   \
    X(REPLAY_TITLE, "Rejouer ce message", "Replay this message")                                                                   \
    X(REPLAY_HINT, "Le message refait tout son chemin. S’il passe, il quitte cette liste.",                                        \
      "The message goes its whole way again. If it passes, it leaves this list.")                                                  \
    X(REPLAY_SUBMIT, "Rejouer", "Replay")                                                                                          \
    X(REPLAY_DONE, "Le message est passé : il quitte la liste.", "The message passed: it leaves the list.")                        \
    X(REPLAY_FAILED, "Le message est encore refusé.", "The message is refused again.")                                             \
    /* persons */                                                                                                                  \
    X(PERSONS_TITLE, "Trouver une personne", "Find a person")                                                                      \
    X(PERSONS_INTRO, "Par un identifiant local (IPP) ou régional.", "By a local (IPP) or regional identifier.")                    \
    X(PERSONS_DOMAIN, "Domaine", "Domain")                                                                                         \
    X(PERSONS_VALUE, "Identifiant", "Identifier")                                                                                  \
    X(PERSONS_SUBMIT, "Trouver", "Find")                                                                                           \
    X(PERSONS_NO_VALUE, "Écrivez un identifiant.", "Write an identifier.")                                                         \
    X(PERSONS_NOT_FOUND, "Aucune personne n’a cet identifiant dans ce domaine.", "Nobody has this identifier in this domain.")     \
    X(PERSONS_SPLIT, "Les enregistrements de cet identifiant régional sont allés à plusieurs personnes.",                          \
      "The records of this regional identifier went to several persons.")                                                          \
    X(PERSON_TITLE, "Personne {}", "Person {}")                                                                                    \
    X(PERSON_REGIONAL, "Identifiant régional", "Regional identifier")                                                              \
    X(PERSON_GOLDEN, "Identité retenue", "Golden identity")                                                                        \
    X(PERSON_GOLDEN_CAPTION,                                                                                                       \
      "Calculée, jamais saisie : les traits stricts viennent d’un seul enregistrement, chaque trait complémentaire du "            \
      "meilleur qui le donne.",                                                                                                    \
      "Computed, never typed: the strict traits come from one record, each complementary trait from the best that gives it.")      \
    X(PERSON_SOURCE, "Source", "Source")                                                                                           \
    X(PERSON_RECORDS, "Ses enregistrements", "Its records")                                                                        \
    X(PERSON_RECORDS_CAPTION, "Un enregistrement par domaine et identifiant ; le premier donne les traits stricts.",               \
      "One record per domain and identifier; the first gives the strict traits.")                                                  \
    X(PERSON_IDENTIFIERS, "Ses identifiants", "Its identifiers")                                                                   \
    X(PERSON_IDENTIFIERS_CAPTION, "Tous les identifiants connus, anciens compris", "All known identifiers, former ones included")  \
    X(PERSON_LIVE, "en cours", "live")                                                                                             \
    X(PERSON_FORMER, "fusionné ou remplacé", "merged or replaced")                                                                 \
    X(PERSON_NO_LONGER, "Cette personne n’a plus d’enregistrement visible.", "This person no longer has a visible record.")        \
    X(PERSON_PARTED, "Cette personne n’a plus d’enregistrement : ils sont aujourd’hui chez plusieurs personnes.",                  \
      "This person has no record any more: they are with several persons today.")                                                  \
    X(PERSON_PARTS_CAPTION, "Où sont ses enregistrements aujourd’hui", "Where its records are today")                              \
    X(PERSON_PART, "Personne", "Person")                                                                                           \
    X(PERSON_PART_RECORDS, "Tous ses enregistrements", "All its records")                                                          \
    X(PERSON_KIND, "Type", "Type")                                                                                                 \
    X(PERSON_NAMELESS, "sans nom", "without a name")                                                                               \
    /* decisions */                                                                                                                \
    X(DECISIONS_TITLE, "Ses décisions", "Its decisions")                                                                           \
    X(DECISIONS_INTRO, "Liens, séparations et fusions, du plus récent au plus ancien. Rien n’est effacé, tout peut être annulé.",  \
      "Links, separations and merges, newest first. Nothing is erased, all can be taken back.")                                    \
    X(DECISIONS_NONE, "Aucune décision à ce jour.", "No decision so far.")                                                         \
    X(DECISIONS_MORE, "Seules les {} plus récentes sont montrées.", "Only the {} newest are shown.")                               \
    X(DECISION_NUMBER, "décision {}", "decision {}")                                                                               \
    X(DECISION_STANDS, "En vigueur", "Stands")                                                                                     \
    X(DECISION_UNDONE, "Annulée par la décision {}", "Taken back by decision {}")                                                  \
    X(DECISION_EMPTY, "N’a rien changé : rien à annuler", "Changed nothing: nothing to take back")                                 \
    X(DECISION_FOLLOWED, "En vigueur, suite d’une décision ou d’un message : rien à annuler ici",                                  \
      "Stands, the consequence of a decision or a message: nothing to take back here")                                             \
    X(DECISION_ELSEWHERE, "personne {}", "person {}")                                                                              \
    X(DECISION_MERGED, "identité {}, fusionnée depuis", "identity {}, merged since")                                               \
    X(DECISION_RECORD, "identité {}", "identity {}")                                                                               \
    X(DECISION_TASK, "Tâche {}", "Task {}")                                                                                        \
    X(DECISION_BY_MESSAGE, "à l’arrivée d’un message de {}", "when a message from {} came")                                        \
    X(UNDO_OPEN, "Annuler cette décision", "Take this decision back")                                                              \
    X(UNDO_HINT, "L’état d’avant revient ; les messages arrivés depuis gardent leur effet.",                                       \
      "The former state comes back; messages received since keep their effect.")                                                   \
    X(UNDO_SUBMIT, "Annuler la décision", "Take the decision back")                                                                \
    X(UNDO_DONE, "Décision annulée, l’état d’avant est revenu.", "Decision taken back, the former state is restored.")             \
    X(UNDO_NOTHING, "Décision annulée, mais rien n’est revenu : ce qu’elle avait changé a encore changé depuis.",                  \
      "Decision taken back, but nothing came back: what it had changed was changed again since.")                                  \
    X(UNDO_GONE, "Cette décision est déjà annulée, ou n’est plus de cette personne. Relisez la liste.",                            \
      "This decision was taken back already, or is no longer of this person. Read the list again.")                                \
    /* accessibility statement */                                                                                                  \
    X(ACCESS_TITLE, "Déclaration d’accessibilité", "Accessibility statement")                                                      \
    X(ACCESS_STATE,                                                                                                                \
      "Ces pages sont partiellement conformes au RGAA 4.1 : elles sont faites pour l’être, aucun audit externe n’a encore "        \
      "eu lieu.",                                                                                                                  \
      "These pages are partially compliant with RGAA 4.1 (WCAG 2.1 AA): they are built to be, no external audit has taken "        \
      "place yet.")                                                                                                                \
    X(ACCESS_DONE,                                                                                                                 \
      "Toutes les actions se font au clavier ; chaque champ a son étiquette ; une différence est toujours dite en texte, "         \
      "jamais par la couleur seule ; les pages fonctionnent sans JavaScript, à 200 % de zoom, en thème clair et sombre, et "       \
      "s’impriment.",                                                                                                              \
      "Every action works from the keyboard; every field has its label; a difference is always said in text, never by "            \
      "colour alone; the pages work without JavaScript, at 200 % zoom, in light and dark, and print.")                             \
    X(ACCESS_LEFT, "Reste à faire : un audit par un tiers et des essais avec plusieurs lecteurs d’écran.",                         \
      "Still to do: an audit by a third party and trials with several screen readers.")                                            \
    X(ACCESS_CONTACT, "Une difficulté ? Écrivez au référent identitovigilance de votre établissement, qui transmettra.",           \
      "Any difficulty? Write to the identity-vigilance officer of your establishment, who will pass it on.")
/* clang-format on */

#endif
